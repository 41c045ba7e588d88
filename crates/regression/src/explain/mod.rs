//! What each column adds to the predictions of a fitted model, exactly: Shapley values of the features.
//!
//! A row is compared with others, and the difference of its prediction from theirs is shared out among the columns as Shapley
//! (1953) shares the worth of a coalition among its members. What a model says of a row of which only some columns are known
//! decides which game is played:
//!
//! | module | of | columns that are not known |
//! |---|---|---|
//! | [`path`] | trees | go both ways at a split, as the rows of training did (path-dependent) |
//! | [`interventional`] | trees | are those of a background row, on the average over background rows |
//! | [`linear`] | sums of columns | are those of a background row |
//!
//! [`ensemble`] is what forests and boosted trees have in common, and [`quadrature`] the integral that the first is made with.
//!
//! Lundberg & Lee (2017), *A unified approach to interpreting model predictions*; Lundberg et al. (2020), *From local
//! explanations to global understanding with explainable AI for trees*.

pub(crate) mod ensemble;
mod interventional;
pub(crate) mod linear;
mod path;
mod quadrature;
#[cfg(test)]
mod tests;
