//! Series over time on the command line: which columns they are read from, and by what they are forecast.

mod columns;
mod model;

pub use columns::{Columns, Read, remarks};
pub use model::{Model, Models, name_of};
