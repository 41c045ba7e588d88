//! The fitted forms of all forests, and of single trees: what differs between them is only how trees are grown.

/// The fitted form of a regressor, how it is fitted and how it predicts.
macro_rules! fitted_regressor {
    ($recipe:ident, $fitted:ident, $kind:literal) => {
        #[doc = concat!("A fitted [`", stringify!($recipe), "`].")]
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "crate::forest::SavedRegressor")]
        pub struct $fitted {
            forest: $crate::forest::Forest,
            /// Of [`Target::Multi`](adflux_core::Target::Multi).
            targets: Option<Vec<String>>,
        }
        adflux_core::component!($fitted, $kind, version = 1);

        impl TryFrom<$crate::forest::SavedRegressor> for $fitted {
            type Error = String;

            fn try_from(saved: $crate::forest::SavedRegressor) -> Result<Self, String> {
                saved.checked().map(|(forest, targets)| $fitted { forest, targets })
            }
        }

        impl adflux_core::Fit<adflux_core::Training<adflux_core::Features>> for $recipe {
            type Fitted = $fitted;

            /// # Errors
            /// When a parameter is out of range, the target is not numeric, a monotone constraint names no column of numbers
            /// or there are several targets for it, a block is of text, a number is infinite, or the work is cancelled.
            fn fit_with(
                &self,
                data: adflux_core::Training<adflux_core::Features>,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<Self::Fitted> {
                let settings = self.settings();
                settings.check()?;
                data.validate()?;
                data.without_exposure($kind)?;
                if !matches!(data.target, Some(adflux_core::Target::Multi(_))) {
                    data.values($kind)?;
                }
                let weights = $crate::forest::weights_or_ones(data.weights, data.x.rows());
                let levels = settings.levels(&data.x, &weights)?;
                let prepared = $crate::forest::Prepared::new(&data.x, &levels, &weights, &settings, context)?;
                match data.target {
                    Some(adflux_core::Target::Values(y)) => {
                        let y = y.to_vec();
                        let outcome = $crate::tree::outcome::Single::new(&y, &weights);
                        let mut forest =
                            $crate::forest::Forest::grow(&prepared, &outcome, &weights, &settings, context)?;
                        forest
                            .score_values(ndarray::ArrayView::from(&y[..]).insert_axis(ndarray::Axis(1)), &weights)?;
                        Ok($fitted { forest, targets: None })
                    }
                    Some(adflux_core::Target::Multi(target)) if target.values.ncols() > 0 => {
                        let targets = Some(target.names.to_vec());
                        let outcome = $crate::tree::outcome::Multi::new(target.values.view(), &weights);
                        let mut forest =
                            $crate::forest::Forest::grow(&prepared, &outcome, &weights, &settings, context)?;
                        forest.score_values(target.values.view(), &weights)?;
                        Ok($fitted { forest, targets })
                    }
                    _ => Err(adflux_core::Error::data(concat!("`", $kind, "` needs at least one numeric target"))),
                }
            }
        }

        impl $fitted {
            /// Predictions as plain numbers: rows × targets, one column for a single target.
            ///
            /// One dense block in row-major order is read where it lies, other features are gathered row by row; a few rows are
            /// predicted without waking other threads: one takes microseconds.
            ///
            /// # Errors
            /// As [`predict`](adflux_core::Predict::predict).
            pub fn predict_values(&self, x: &adflux_core::Features) -> adflux_core::Result<ndarray::Array2<f64>> {
                self.forest.predict(x, $kind)
            }

            /// How much of the reduction of variance each column brought: not negative, summing to 1, or all 0 when no tree has
            /// a split. Columns with many distinct values are favoured.
            pub fn feature_importances(&self) -> &ndarray::Array1<f64> {
                self.forest.importances()
            }

            /// The feature columns of the fit, with their lineage, in the order of the importances.
            pub fn columns(&self) -> &std::sync::Arc<[adflux_core::Column]> {
                self.forest.columns()
            }
        }

        impl adflux_core::Predict<adflux_core::Features> for $fitted {
            /// [`Prediction::Values`](adflux_core::Prediction::Values), or [`Prediction::Multi`](adflux_core::Prediction::Multi) in the order of the targets.
            type Output = adflux_core::Prediction;

            /// # Errors
            /// When `x` has other columns than the fit, a block of text, or an infinite number.
            fn predict(&self, x: &adflux_core::Features) -> adflux_core::Result<adflux_core::Prediction> {
                let values = self.predict_values(x)?;
                let Some(targets) = &self.targets else {
                    return Ok(adflux_core::Prediction::Values(values.into_raw_vec_and_offset().0.into()));
                };
                let named = targets.iter().zip(values.columns());
                Ok(adflux_core::Prediction::Multi(
                    named.map(|(n, v)| (n.clone(), adflux_core::Prediction::Values(v.to_owned()))).collect(),
                ))
            }

            /// TreeSHAP, in the unit of the prediction: path-dependent, or interventional against `background`.
            ///
            /// # Errors
            /// As `predict`, when the background has no row, or the work is cancelled.
            fn contributions(
                &self,
                x: &adflux_core::Features,
                background: Option<&adflux_core::Features>,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<Option<adflux_core::Contributions>> {
                let names = self.targets.clone().unwrap_or_default();
                self.forest.contributions(x, background, names, $kind, context).map(Some)
            }
        }
    };
}

/// The same of a classifier.
macro_rules! fitted_classifier {
    ($recipe:ident, $fitted:ident, $kind:literal) => {
        #[doc = concat!("A fitted [`", stringify!($recipe), "`].")]
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "crate::forest::SavedClassifier")]
        pub struct $fitted {
            forest: $crate::forest::Forest,
            labels: std::sync::Arc<[String]>,
        }
        adflux_core::component!($fitted, $kind, version = 1);

        impl TryFrom<$crate::forest::SavedClassifier> for $fitted {
            type Error = String;

            fn try_from(saved: $crate::forest::SavedClassifier) -> Result<Self, String> {
                saved.checked().map(|(forest, labels)| $fitted { forest, labels })
            }
        }

        impl adflux_core::Fit<adflux_core::Training<adflux_core::Features>> for $recipe {
            type Fitted = $fitted;

            /// # Errors
            /// When a parameter is out of range, the target is not of classes, a monotone constraint names no column of
            /// numbers or there are more than two classes for it, a block is of text, a number is infinite, or the work is
            /// cancelled.
            fn fit_with(
                &self,
                data: adflux_core::Training<adflux_core::Features>,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<Self::Fitted> {
                let settings = self.settings();
                settings.check()?;
                data.validate()?;
                let target = data.classes($kind)?;
                let codes = target.codes.to_vec();
                let labels = target.labels.clone();
                let weights = $crate::forest::weights_or_ones(data.weights, data.x.rows());
                let levels = settings.levels(&data.x, &weights)?;
                let prepared = $crate::forest::Prepared::new(&data.x, &levels, &weights, &settings, context)?;
                let outcome = $crate::tree::outcome::Classes { codes: &codes, classes: labels.len() };
                let mut forest = $crate::forest::Forest::grow(&prepared, &outcome, &weights, &settings, context)?;
                forest.score_classes(&codes, &labels, &weights)?;
                Ok($fitted { forest, labels })
            }
        }

        impl $fitted {
            /// Class probabilities as plain numbers: rows × classes, in the order of [`classes`](Self::classes).
            ///
            /// # Errors
            /// As [`predict`](adflux_core::Predict::predict).
            pub fn predict_proba(&self, x: &adflux_core::Features) -> adflux_core::Result<ndarray::Array2<f64>> {
                self.forest.predict(x, $kind)
            }

            /// The labels of the target, in its order.
            pub fn classes(&self) -> &std::sync::Arc<[String]> {
                &self.labels
            }

            /// How much of the reduction of Gini impurity each column brought: not negative, summing to 1, or all 0 when no tree
            /// has a split. Columns with many distinct values are favoured.
            pub fn feature_importances(&self) -> &ndarray::Array1<f64> {
                self.forest.importances()
            }

            /// The feature columns of the fit, with their lineage, in the order of the importances.
            pub fn columns(&self) -> &std::sync::Arc<[adflux_core::Column]> {
                self.forest.columns()
            }
        }

        impl adflux_core::Predict<adflux_core::Features> for $fitted {
            type Output = adflux_core::Classes;

            /// # Errors
            /// When `x` has other columns than the fit, a block of text, or an infinite number.
            fn predict(&self, x: &adflux_core::Features) -> adflux_core::Result<adflux_core::Classes> {
                let probabilities = self.predict_proba(x)?;
                if probabilities.ncols() != self.labels.len() {
                    return Err(adflux_core::Error::State {
                        kind: $kind.into(),
                        reason: "the leaves do not hold a share for each label".into(),
                    });
                }
                Ok(adflux_core::Classes { labels: self.labels.clone(), probabilities })
            }

            /// TreeSHAP, in the unit of the prediction: path-dependent, or interventional against `background`.
            ///
            /// # Errors
            /// As `predict`, when the background has no row, or the work is cancelled.
            fn contributions(
                &self,
                x: &adflux_core::Features,
                background: Option<&adflux_core::Features>,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<Option<adflux_core::Contributions>> {
                let names = self.labels.to_vec();
                self.forest.contributions(x, background, names, $kind, context).map(Some)
            }
        }
    };
}

/// What a forest of numbers says of the rows of its fit.
macro_rules! out_of_bag_regressor {
    ($fitted:ident) => {
        impl $fitted {
            /// R² of the out-of-bag predictions: about what the forest reaches on new rows of the same kind. With several
            /// targets the mean of theirs. `None` when the fit was not asked for it (`oob_score`), or when fewer than two rows
            /// were left out by any tree.
            ///
            /// Rows count by their weights (in scikit-learn they count alike), and rows that every tree drew do not count.
            pub fn oob_score(&self) -> Option<f64> {
                self.forest.out_of_bag()?.score()
            }

            /// Every row of the fit predicted by the trees that did not draw it: rows × targets. NaN where every tree drew the
            /// row, see [`never_left_out`](Self::never_left_out). `None` when the fit was not asked for it.
            pub fn oob_prediction(&self) -> Option<&ndarray::Array2<f64>> {
                Some(self.forest.out_of_bag()?.predictions())
            }

            /// The rows without an out-of-bag prediction, counted from 0: every tree drew them. Some remain when there are few
            /// trees: of 10 about one row in 100, of 50 none.
            pub fn never_left_out(&self) -> Vec<usize> {
                self.forest.out_of_bag().map_or_else(Vec::new, |known| known.never_left_out())
            }
        }
    };
}

/// What a forest of classes says of the rows of its fit.
macro_rules! out_of_bag_classifier {
    ($fitted:ident) => {
        impl $fitted {
            /// Accuracy of the out-of-bag predictions: about the share of new rows of the same kind that the forest gets right.
            /// `None` when the fit was not asked for it (`oob_score`), or when no row was left out by any tree.
            ///
            /// Rows count by their weights (in scikit-learn they count alike), and rows that every tree drew do not count.
            pub fn oob_score(&self) -> Option<f64> {
                self.forest.out_of_bag()?.score()
            }

            /// Class probabilities of every row of the fit, by the trees that did not draw it: rows × classes. NaN where every
            /// tree drew the row, see [`never_left_out`](Self::never_left_out). `None` when the fit was not asked for it.
            pub fn oob_decision_function(&self) -> Option<&ndarray::Array2<f64>> {
                Some(self.forest.out_of_bag()?.predictions())
            }

            /// The rows without out-of-bag probabilities, counted from 0: every tree drew them. Some remain when there are few
            /// trees: of 10 about one row in 100, of 50 none.
            pub fn never_left_out(&self) -> Vec<usize> {
                self.forest.out_of_bag().map_or_else(Vec::new, |known| known.never_left_out())
            }
        }
    };
}
pub(crate) use {fitted_classifier, fitted_regressor, out_of_bag_classifier, out_of_bag_regressor};
