//! [`PolynomialFeatures`]: powers and products of columns.

use crate::{
    dense::refuse_missing,
    step::{Learn, ROWS, refuse_infinite, step},
};
use adflux_core::{
    Block, Column, Context, Error, Features, Result, Training, Transform, Values, parameter::at_least_one,
};
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Adds every product of up to `degree` columns, powers among them: of `a` and `b` the features `1`, `a`, `b`, `a^2`,
/// `a b`, `b^2`.
///
/// A linear model of them sees interactions (the effect of a budget that depends on the duration) and curves. Takes one
/// dense block without missing values. Infinite numbers, and products that overflow, are refused. A product names all
/// the columns that it came from; the constant names all columns, since it stands for none.
///
/// The defaults, the order and the names are scikit-learn's `PolynomialFeatures`. O(rows × outputs), one product each.
/// The number of outputs of d columns is the binomial of d + degree over degree; more than 100,000 are refused.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::PolynomialFeatures;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[2.0, 3.0]], ["budget", "days"])?;
/// let products = PolynomialFeatures::default().include_bias(false).fit(Training::new(x.clone()))?.transform(x)?;
/// let names: Vec<&str> = products.columns().map(|c| c.name.as_str()).collect();
/// assert_eq!(names, ["budget", "days", "budget^2", "budget days", "days^2"]);
/// assert_eq!(products.dense("example")?, array![[2.0, 3.0, 4.0, 6.0, 9.0]]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolynomialFeatures {
    /// The most factors of a product, at least 1. Default: 2.
    pub degree: usize,
    /// Whether a column is at most once in a product, so that there are no powers. Default: `false`.
    pub interaction_only: bool,
    /// Whether a column of ones, called `1`, comes first. Default: `true`.
    pub include_bias: bool,
}

impl Default for PolynomialFeatures {
    fn default() -> Self {
        PolynomialFeatures { degree: 2, interaction_only: false, include_bias: true }
    }
}

impl PolynomialFeatures {
    /// Products of up to this many factors.
    pub fn new(degree: usize) -> Self {
        PolynomialFeatures { degree, ..PolynomialFeatures::default() }
    }

    /// The most factors of a product.
    pub fn degree(mut self, degree: usize) -> Self {
        self.degree = degree;
        self
    }

    /// Whether a column is at most once in a product.
    pub fn interaction_only(mut self, interaction_only: bool) -> Self {
        self.interaction_only = interaction_only;
        self
    }

    /// Whether a column of ones comes first.
    pub fn include_bias(mut self, include_bias: bool) -> Self {
        self.include_bias = include_bias;
        self
    }
}

/// A fitted [`PolynomialFeatures`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedPolynomialFeatures {
    columns: Arc<[Column]>,
    products: Products,
}

/// Each output is an earlier output times a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Products {
    /// The earlier output, or [`ONE`].
    #[serde(with = "adflux_core::arrays")]
    earlier: Vec<u32>,
    /// The column, or [`ONE`].
    #[serde(with = "adflux_core::arrays")]
    column: Vec<u32>,
    output: Arc<[Column]>,
}

/// In place of an output or a column: the number 1.
const ONE: u32 = u32::MAX;
/// More are a mistake in the degree, and no memory holds them.
const MOST: usize = 100_000;

step!(PolynomialFeatures => FittedPolynomialFeatures, "polynomial-features", version = 1);
const KIND: &str = "polynomial-features";

impl Learn for PolynomialFeatures {
    type Fitted = FittedPolynomialFeatures;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedPolynomialFeatures> {
        at_least_one("degree", self.degree)?;
        context.check()?;
        let x = data.x.dense(KIND)?;
        let columns = data.x.blocks()[0].columns().clone();
        refuse_infinite(KIND, x, &columns)?;
        refuse_missing(KIND, &data.x)?;
        Ok(FittedPolynomialFeatures { products: self.products(&columns)?, columns })
    }
}

/// One product while they are enumerated: its place among the outputs, and the place of its last column.
struct Product {
    place: u32,
    last: usize,
    factors: Vec<usize>,
}

impl PolynomialFeatures {
    fn products(&self, columns: &[Column]) -> Result<Products> {
        let mut products = Products { earlier: Vec::new(), column: Vec::new(), output: Arc::default() };
        let mut output: Vec<Column> = Vec::new();
        if self.include_bias {
            products.push(ONE, ONE);
            output.push(derived("1".into(), columns.iter()));
        }
        // Of one degree, each made by one more column behind those of a product of the degree below.
        let mut below: Vec<Product> = Vec::new();
        for degree in 1..=self.degree {
            let mut these = Vec::new();
            let none = [Product { place: ONE, last: 0, factors: Vec::new() }];
            for product in if degree == 1 { &none[..] } else { &below[..] } {
                let first = product.last + usize::from(degree > 1 && self.interaction_only);
                for last in first..columns.len() {
                    let factors: Vec<usize> = product.factors.iter().copied().chain([last]).collect();
                    these.push(Product { place: products.column.len() as u32, last, factors });
                    products.push(product.place, last as u32);
                    if products.column.len() > MOST {
                        let reason = format!(
                            "makes more than {MOST} products of {} columns: choose a smaller one",
                            columns.len()
                        );
                        return Err(Error::parameter("degree", self.degree, reason));
                    }
                }
            }
            if these.is_empty() {
                break;
            }
            output.extend(these.iter().map(|product| named(&product.factors, columns)));
            below = these;
        }
        products.output = output.into();
        Ok(products)
    }
}

/// `a^2 b`, from the columns of all factors.
fn named(factors: &[usize], columns: &[Column]) -> Column {
    let power = |run: &[usize]| match run {
        [once] => columns[*once].name.clone(),
        several => format!("{}^{}", columns[several[0]].name, several.len()),
    };
    let name: Vec<String> = factors.chunk_by(|a, b| a == b).map(power).collect();
    derived(name.join(" "), factors.iter().map(|f| &columns[*f]))
}

fn derived<'a>(name: String, from: impl Iterator<Item = &'a Column>) -> Column {
    let mut sources: Vec<String> = Vec::new();
    for source in from.flat_map(|column| &column.sources) {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    Column { name, sources }
}

impl Products {
    fn push(&mut self, earlier: u32, column: u32) {
        self.earlier.push(earlier);
        self.column.push(column);
    }

    fn row(&self, x: ndarray::ArrayView1<'_, f64>, mut to: ndarray::ArrayViewMut1<'_, f64>) {
        for (place, (earlier, column)) in self.earlier.iter().zip(&self.column).enumerate() {
            let factor = x.get(*column as usize).copied().unwrap_or(1.0);
            let product = to.get(*earlier as usize).copied().unwrap_or(1.0);
            if let Some(to) = to.get_mut(place) {
                *to = product * factor;
            }
        }
    }
}

impl Transform<Features> for FittedPolynomialFeatures {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        x.require_columns(KIND, &self.columns)?;
        refuse_missing(KIND, &x)?;
        let x = x.into_dense(KIND)?;
        refuse_infinite(KIND, &x, &self.columns)?;
        let output = &self.products.output;
        let mut made = Array2::zeros((x.nrows(), output.len()));
        let rows = made.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter(Axis(0)));
        rows.with_min_len(ROWS).for_each(|(to, from)| self.products.row(from, to));
        if let Some(((row, column), value)) = made.indexed_iter().find(|(_, v)| !v.is_finite()) {
            let reason = format!("a product that is {value}: scale the columns before `{KIND}`");
            return Err(Error::cell(&output[column].name, row, reason));
        }
        Features::trusted(made.nrows(), vec![Block::new(output.clone(), Values::Dense(made))?])
    }
}
