//! Categories as numbers.

mod category;
mod frequency;
mod hashing;
mod levels;
mod multi_label;
mod one_hot;
mod ordinal;
mod target;

pub use category::{CategoryEncoder, FittedCategoryEncoder};
pub use frequency::{FittedFrequencyEncoder, FrequencyEncoder, FrequencyFallback};
pub use hashing::{FittedHashingEncoder, HashingEncoder};
pub use multi_label::{FittedMultiLabelBinarizer, MultiLabelBinarizer};
pub use one_hot::{DropLevel, FittedOneHotEncoder, HandleUnknown, OneHotEncoder};
pub use ordinal::{FittedOrdinalEncoder, OrdinalEncoder, OrdinalUnknown};
pub use target::{FittedTargetEncoder, Smooth, TargetEncoder, TargetType};
