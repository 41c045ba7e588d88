//! [`EtsForm`]: which of the components a model of exponential smoothing has.

use adflux_core::{Result, parameter};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the errors come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EtsError {
    /// Added: as large at every level.
    Additive,
    /// Relative: they grow with the level. For values above 0.
    Multiplicative,
}

/// How the level changes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EtsTrend {
    /// Not at all.
    None,
    /// By a slope that is added at each step.
    Additive,
    /// By a slope that is added and fades.
    Damped,
}

/// How it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EtsSeason {
    /// Not at all.
    None,
    /// By numbers that are added.
    Additive,
    /// By factors. For values above 0.
    Multiplicative,
}

/// The components of a model of exponential smoothing, written ETS(error, trend, season): `ETS(M,Ad,N)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EtsForm {
    /// How the errors come in.
    pub error: EtsError,
    /// How the level changes by itself.
    pub trend: EtsTrend,
    /// How it repeats.
    pub season: EtsSeason,
}

impl fmt::Display for EtsForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = if self.error == EtsError::Additive { "A" } else { "M" };
        let trend = match self.trend {
            EtsTrend::None => "N",
            EtsTrend::Additive => "A",
            EtsTrend::Damped => "Ad",
        };
        let season = match self.season {
            EtsSeason::None => "N",
            EtsSeason::Additive => "A",
            EtsSeason::Multiplicative => "M",
        };
        write!(f, "ETS({error},{trend},{season})")
    }
}

impl EtsForm {
    /// The simplest: a level, and errors that are added.
    pub(crate) const LEVEL: Self =
        EtsForm { error: EtsError::Additive, trend: EtsTrend::None, season: EtsSeason::None };

    pub(crate) fn has_trend(self) -> bool {
        self.trend != EtsTrend::None
    }

    pub(crate) fn has_season(self) -> bool {
        self.season != EtsSeason::None
    }

    pub(crate) fn positive_only(self) -> bool {
        self.error == EtsError::Multiplicative || self.season == EtsSeason::Multiplicative
    }

    /// Smoothing parameters: α, and β, γ, φ where there is something to smooth or damp.
    pub(crate) fn smoothing(self) -> usize {
        1 + usize::from(self.has_trend()) + usize::from(self.has_season()) + usize::from(self.trend == EtsTrend::Damped)
    }

    /// Free numbers of the state before the first step: of a season of m, m − 1.
    pub(crate) fn states(self, season_length: usize) -> usize {
        let season = if self.has_season() { season_length - 1 } else { 0 };
        1 + usize::from(self.has_trend()) + season
    }

    /// The forms that `model`, as statsforecast writes it, leaves open: `Z` is any. Simple ones come first, and each after those
    /// that it can be started from.
    ///
    /// # Errors
    /// When it is not three letters of A, M, N, Z, or no form has them.
    pub(crate) fn of(model: &str, damped: Option<bool>) -> Result<Vec<Self>> {
        let reason = "must be three letters, for error (A, M), trend (N, A) and season (N, A, M), Z for any, as in \"ZZZ\" or \
                      \"MAM\"; A with a season of M is unstable, and trends of M are not offered";
        let letters: Vec<char> = model.chars().collect();
        let &[error, trend, season] = &letters[..] else {
            return Err(adflux_core::Error::parameter("model", model, reason));
        };
        let mut forms = Vec::new();
        for (s, of_season) in [('N', EtsSeason::None), ('A', EtsSeason::Additive), ('M', EtsSeason::Multiplicative)] {
            for (e, of_error) in [('A', EtsError::Additive), ('M', EtsError::Multiplicative)] {
                for (t, of_trend) in [('N', EtsTrend::None), ('A', EtsTrend::Additive), ('A', EtsTrend::Damped)] {
                    let asked = |letter: char, is: char| letter == 'Z' || letter == is;
                    let unstable = e == 'A' && s == 'M';
                    let fits = of_trend == EtsTrend::None
                        || damped.is_none_or(|damped| damped == (of_trend == EtsTrend::Damped));
                    if asked(error, e) && asked(trend, t) && asked(season, s) && !unstable && fits {
                        forms.push(EtsForm { error: of_error, trend: of_trend, season: of_season });
                    }
                }
            }
        }
        parameter::ensure(!forms.is_empty(), "model", model, reason)?;
        Ok(forms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_names_the_forms_it_leaves_open() {
        let names = |model: &str, damped| {
            EtsForm::of(model, damped).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(EtsForm::of("ZZZ", None).unwrap().len(), 15);
        assert_eq!(names("ANN", None), "ETS(A,N,N)");
        assert_eq!(names("MAM", None), "ETS(M,A,M) ETS(M,Ad,M)");
        assert_eq!(names("MAM", Some(true)), "ETS(M,Ad,M)");
        for model in ["AMN", "AAM", "ZZ", "zzz", "ZZZZ", ""] {
            let error = EtsForm::of(model, None).unwrap_err().to_string();
            assert!(error.starts_with("parameter `model`"), "{error}");
        }
    }
}
