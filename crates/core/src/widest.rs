//! The widest vector instructions of the machine that runs, chosen at run time.
//!
//! Compiled for every x86-64, code uses vectors of two numbers and no fused multiplication; nearly all machines have four or
//! eight and fuse. A [`Kernel`] is compiled once for each, and [`run`] takes the widest the machine has.
//!
//! ```
//! use adflux_core::widest::{Kernel, multiply_add, run};
//!
//! struct Dot<'a>(&'a [f64], &'a [f64]);
//! impl Kernel for Dot<'_> {
//!     type Output = f64;
//!     #[inline(always)]
//!     fn run<const FUSED: bool, const ROWS: usize>(self) -> f64 {
//!         self.0.iter().zip(self.1).fold(0.0, |sum, (a, b)| multiply_add::<FUSED, f64>(*a, *b, sum))
//!     }
//! }
//! assert_eq!(run(Dot(&[1.0, 2.0], &[3.0, 4.0])), 11.0);
//! ```
// Calling a function that was compiled for more than the target promises is unsafe; each call stands behind its check.
#![allow(unsafe_code)]

use std::ops::{Add, Mul};

/// A piece of work to be compiled for several instruction sets: its `run`, and all that calls, must be `#[inline(always)]`.
pub trait Kernel {
    /// What comes out.
    type Output;
    /// The work. `FUSED`: the machine multiplies and adds in one step ([`multiply_add`]). `ROWS`: how many rows to work on side
    /// by side, so that the registers are full.
    fn run<const FUSED: bool, const ROWS: usize>(self) -> Self::Output;
}

/// Runs a kernel with the widest instructions there are. Fused machines give the same bits whatever their width, and a kernel that
/// does not ask for `FUSED` gives the same bits on all.
pub fn run<K: Kernel>(kernel: K) -> K::Output {
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
    return kernel.run::<true, 4>();
    #[cfg(not(target_arch = "aarch64"))]
    kernel.run::<false, 2>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true, 8>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true, 4>()
}

/// `f32` or `f64`: what [`multiply_add`] takes.
pub trait Number: Copy + Add<Output = Self> + Mul<Output = Self> {
    /// a · b + c, rounded once.
    fn fused(a: Self, b: Self, c: Self) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn fused(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl Number for f64 {
    #[inline(always)]
    fn fused(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
}

/// a · b + c, in one step where the machine has it; elsewhere that would be a slow function.
#[inline(always)]
pub fn multiply_add<const FUSED: bool, T: Number>(a: T, b: T, c: T) -> T {
    if FUSED { T::fused(a, b, c) } else { a * b + c }
}

/// Calls `several` with [`Kernel::run`]'s `ROWS` rows at a time, and `single` with each that is left. `rows` holds rows of `columns`
/// numbers (at least one), one after the other.
#[inline(always)]
pub fn rows_of<'a, T, const ROWS: usize>(
    rows: &'a [T],
    columns: usize,
    mut several: impl FnMut(usize, [&'a [T]; ROWS]),
    mut single: impl FnMut(usize, [&'a [T]; 1]),
) {
    let whole = rows.len() / (ROWS * columns) * ROWS;
    for (block, of_block) in rows.chunks_exact(ROWS * columns).enumerate() {
        several(block * ROWS, std::array::from_fn(|r| &of_block[r * columns..(r + 1) * columns]));
    }
    for (i, row) in rows[whole * columns..].chunks_exact(columns).enumerate() {
        single(whole + i, [row]);
    }
}
