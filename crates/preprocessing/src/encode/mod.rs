//! Categories as numbers.

mod one_hot;

pub use one_hot::{DropLevel, FittedOneHotEncoder, HandleUnknown, OneHotEncoder};
