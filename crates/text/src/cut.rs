//! [`Cut`]: what cuts a text into terms.

use crate::Scratch;

/// Cuts texts into terms: an [`Analyzer`](crate::Analyzer) into words and n-grams, [`Labels`](crate::Labels) into the items of a
/// list. Whatever counts terms takes either.
pub trait Cut: Sync {
    /// Calls `visit` with each term of `text`, in an order that depends on the text alone. `scratch` holds buffers that are used
    /// again for the next text.
    fn for_each_term(&self, text: &str, scratch: &mut Scratch, visit: impl FnMut(&str));
}
