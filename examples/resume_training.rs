//! A training that is broken off and goes on from its file, to the same bits as one without a break.
//!
//! `cargo run --release --features neural --example resume_training`

use adflux::{
    core::{Result, random::stream},
    neural::{
        Activation, Adam, BatchNormalization, Compile, Dense, Dropout, EarlyStopping, FitOptions, Loss,
        ModelCheckpoint, Network, ReduceLrOnPlateau, Sequential,
    },
};
use ndarray::{Array1, Array2};
use rand::RngExt as _;

/// Visitors by what they did, and whether they became a lead.
fn visitors(rows: usize) -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(3, &[]);
    let x = Array2::from_shape_fn((rows, 6), |_| rng.random::<f64>());
    let lead = |row: ndarray::ArrayView1<f64>, chance: f64| row[0] * row[1] + 0.3 * row[2] > 0.4 + 0.2 * chance;
    let y = x.rows().into_iter().map(|row| f64::from(u8::from(lead(row, rng.random())))).collect();
    (x, y)
}

fn network() -> Result<Network> {
    Sequential::new([6])
        .add(Dense::new(32).activation(Activation::Relu))
        .add(BatchNormalization::default())
        .add(Dropout::new(0.3))
        .add(Dense::new(1).activation(Activation::Sigmoid))
        .seed(11)
        .compile(Compile::new(Adam::new(0.01), Loss::binary_crossentropy()).metrics(["auc"]))
}

fn options() -> FitOptions {
    FitOptions::default()
        .epochs(12)
        .validation_split(0.25)
        .callback(EarlyStopping::new("val_loss").patience(6).restore_best_weights(true))
        .callback(ReduceLrOnPlateau::new("val_loss").patience(2).factor(0.5))
}

fn main() -> Result<()> {
    let (x, y) = visitors(2000);
    let folder = std::env::temp_dir().join(format!("adflux-resume-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|e| adflux::core::Error::io(&folder, e))?;
    let file = folder.join("epoch-{epoch}.safetensors");

    let mut whole = network()?;
    let history = whole.fit(&x, &y, options().callback(ModelCheckpoint::new(&file).every(5)))?;
    println!("Without a break: {} epochs", history.epochs());
    print!("{}", history.to_csv());

    // As if the program had ended after the fifth epoch: a new one loads the file.
    let mut again = Network::load(folder.join("epoch-5.safetensors"))?;
    println!("\nFrom the file: {} epochs are done, the learning rate is {}", again.epochs(), again.learning_rate());
    again.fit(&x, &y, options().initial_epoch(5))?;
    let same = again.to_bytes()? == whole.to_bytes()?;
    println!(
        "Went on to epoch {}; all weights, moments and measures are {}.",
        again.epochs(),
        if same { "the same bits" } else { "DIFFERENT" }
    );
    std::fs::remove_dir_all(&folder).map_err(|e| adflux::core::Error::io(&folder, e))?;
    if same { Ok(()) } else { Err(adflux::core::Error::data("the training that went on ended elsewhere")) }
}
