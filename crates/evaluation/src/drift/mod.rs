//! Whether a column has moved between two tables: the population stability index and the Kolmogorov–Smirnov test.
//!
//! | measure | of | what it says |
//! |---|---|---|
//! | [`psi`] | counts in the same bins | how far shares have moved: below 0.1 little, from 0.25 on much, as it is usually read |
//! | [`psi_of_numbers`] | numbers, in the quantiles of the first | the same |
//! | [`ks_2samp`] | numbers | the widest gap between the two distributions, and how likely chance makes one so wide |
//!
//! The first says how much, the second whether it can be chance: of many rows any small move is beyond chance, of few rows
//! a large index may be nothing else. [`Psi::by_chance`] is how large the index may come out without any move.
//!
//! ```
//! use adflux_evaluation::drift::{Method, ks_2samp, psi};
//! let moved = psi(&[50, 30, 20], &[20, 30, 50])?;
//! assert!(moved.value > 0.25 && moved.is_beyond_chance());
//! let gap = ks_2samp(&[1.0, 2.0, 3.0], &[2.5, 3.5, 4.5], Method::Auto)?;
//! assert!((gap.statistic - 2.0 / 3.0).abs() < 1e-12 && gap.p_value > 0.5);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod kolmogorov;
mod stability;

pub use kolmogorov::{KolmogorovSmirnov, Method, ks_2samp};
pub use stability::{Psi, psi, psi_of_numbers};
