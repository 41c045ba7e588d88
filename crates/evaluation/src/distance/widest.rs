//! The widest vector instructions of the machine that runs, chosen at run time.
//!
//! Compiled for every x86-64, code uses vectors of two numbers and no fused multiplication; nearly all machines have four or
//! eight and fuse. A [`Kernel`] is compiled once for each, and [`run`] takes the widest the machine has.
// Calling a function that was compiled for more than the target promises is unsafe; each call stands behind its check.
#![allow(unsafe_code)]

/// A piece of work to be compiled for several instruction sets: its `run`, and all that calls, must be `#[inline(always)]`.
pub(crate) trait Kernel {
    /// The work. `FUSED`: the machine multiplies and adds in one step. `ROWS`: how many rows to work on side by side.
    fn run<const FUSED: bool, const ROWS: usize>(self);
}

/// Runs a kernel with the widest instructions there are. Fused machines give the same bits whatever their width.
pub(crate) fn run(kernel: impl Kernel) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the machine has what `avx512` was compiled for.
            return unsafe { avx512(kernel) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the machine has what `avx2` was compiled for.
            return unsafe { avx2(kernel) };
        }
    }
    // Every 64-bit ARM fuses; an x86-64 without AVX2 does not.
    #[cfg(target_arch = "aarch64")]
    kernel.run::<true, 4>();
    #[cfg(not(target_arch = "aarch64"))]
    kernel.run::<false, 2>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
fn avx512(kernel: impl Kernel) {
    kernel.run::<true, 8>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(kernel: impl Kernel) {
    kernel.run::<true, 4>();
}

/// a · b + c, in one step where the machine has it; elsewhere that would be a slow function.
#[inline(always)]
pub(crate) fn multiply_add<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// Calls `several` with [`Kernel::run`]'s `ROWS` rows at a time, and `single` with each that is left.
#[inline(always)]
pub(crate) fn rows_of<'a, const ROWS: usize>(
    rows: &'a [f64],
    columns: usize,
    mut several: impl FnMut(usize, [&'a [f64]; ROWS]),
    mut single: impl FnMut(usize, [&'a [f64]; 1]),
) {
    let whole = rows.len() / (ROWS * columns) * ROWS;
    for (block, of_block) in rows.chunks_exact(ROWS * columns).enumerate() {
        several(block * ROWS, std::array::from_fn(|r| &of_block[r * columns..(r + 1) * columns]));
    }
    for (i, row) in rows[whole * columns..].chunks_exact(columns).enumerate() {
        single(whole + i, [row]);
    }
}
