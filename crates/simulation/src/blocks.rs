//! Rows in fixed blocks, each with a random stream of its own.
//!
//! The block, not the thread, owns the stream, and a row draws after the rows before it in its block. So the result
//! does not depend on the number of threads, and a smaller simulation is the beginning of a larger one.

use adflux_core::{
    Context, Result,
    parameter::ensure,
    random::{Rng, stream},
};
use rayon::prelude::*;
use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

/// Rows of one block. Part of what a seed means: another size gives other data.
pub(crate) const BLOCK: usize = 4096;

/// More rows than any machine holds as text; a request for more is a slip of the keyboard.
const MOST_ROWS: usize = 1 << 32;

/// Which table a stream belongs to, so that tables of one seed are independent of each other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    Campaigns = 1,
    Candidates = 2,
    Jobs = 3,
    DailyMetrics = 4,
}

/// # Errors
/// When `rows` is 0 or absurd.
pub(crate) fn check_rows(rows: usize) -> Result<()> {
    ensure((1..=MOST_ROWS).contains(&rows), "rows", rows, "must lie between 1 and 4294967296")
}

/// Makes every block of a table in parallel, in the order of the rows.
pub(crate) fn generate<B: Send>(
    table: Table,
    rows: usize,
    seed: u64,
    context: &Context,
    make: impl Fn(Range<usize>, &mut Rng) -> Result<B> + Sync + Send,
) -> Result<Vec<B>> {
    let done = AtomicU64::new(0);
    context.run(|| {
        (0..rows.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                context.check()?;
                let range = block * BLOCK..rows.min((block + 1) * BLOCK);
                let length = range.len() as u64;
                let made = make(range, &mut stream(seed, &[table as u64, block as u64]))?;
                context.report("simulation", done.fetch_add(length, Ordering::Relaxed) + length, Some(rows as u64));
                Ok(made)
            })
            .collect()
    })
}
