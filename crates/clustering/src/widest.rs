//! The widest vector instructions of the machine that runs, chosen at run time.
//!
//! The kernels here multiply and add in two steps, never in one, so every machine gives the same bits.
// Calling a function that was compiled for more than the target promises is unsafe; each call stands behind its check.
#![allow(unsafe_code)]

/// A piece of work to be compiled for several instruction sets: its `run`, and all that calls, must be `#[inline(always)]`.
pub(crate) trait Kernel {
    /// What comes out.
    type Output;
    /// The work.
    fn run(self) -> Self::Output;
}

/// Runs a kernel with the widest instructions there are.
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the machine has what `avx512` was compiled for.
            return unsafe { avx512(kernel) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the machine has what `avx2` was compiled for.
            return unsafe { avx2(kernel) };
        }
    }
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
