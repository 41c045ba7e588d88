//! Results of many pieces of work, taken in their order without keeping all of them.

use rayon::prelude::*;

/// What the results of one wave may take in bytes; where a few are more, there are still enough for all threads.
const ROOM: usize = 32 << 20;

/// `work` on each of `pieces`, whose results of about `bytes` each go to `take` in the order of the pieces. They come in waves, so that
/// only so many are held at once; the order, and so the bits of what is added up, depends neither on the waves nor on the threads.
pub(crate) fn in_waves<T: Send>(
    pieces: usize,
    bytes: usize,
    work: impl Fn(usize) -> T + Sync + Send,
    mut take: impl FnMut(T),
) {
    let wave = (ROOM / bytes.max(1)).max(2 * rayon::current_num_threads());
    let mut first = 0;
    while first < pieces {
        let end = pieces.min(first.saturating_add(wave));
        let results: Vec<T> = (first..end).into_par_iter().map(&work).collect();
        results.into_iter().for_each(&mut take);
        first = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[test]
    fn results_come_in_order_and_few_at_a_time() {
        for (pieces, bytes) in [(0, 1), (1, 0), (100, 1), (100, usize::MAX)] {
            let (held, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut taken = Vec::new();
            let work = |piece| {
                most.fetch_max(held.fetch_add(1, SeqCst) + 1, SeqCst);
                piece
            };
            in_waves(pieces, bytes, work, |piece| {
                held.fetch_sub(1, SeqCst);
                taken.push(piece);
            });
            assert!(taken.into_iter().eq(0..pieces));
            let few = 2 * rayon::current_num_threads();
            assert!(most.into_inner() <= if bytes > ROOM { few } else { pieces });
        }
    }
}
