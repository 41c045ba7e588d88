#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    adflux_fuzz::parquet::run(bytes);
});
