//! Files: what comes back, what goes on, and what is refused.

use crate::data::{leads, network};
use adflux_core::random::stream;
use adflux_neural::{EarlyStopping, FitOptions, ModelCheckpoint, Network, ReduceLrOnPlateau};
use rand::RngExt as _;

fn says<T: std::fmt::Debug>(result: adflux_core::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_training_that_goes_on_from_a_file_ends_at_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("epoch-{epoch}.safetensors");
    let (x, y) = leads(300, 3, 1);
    let options = || {
        FitOptions::default()
            .epochs(9)
            .validation_split(0.3)
            .callback(EarlyStopping::new("val_loss").patience(30).restore_best_weights(true))
            .callback(ReduceLrOnPlateau::new("val_accuracy").patience(1).factor(0.5))
    };
    let mut whole = network(3, 4);
    let history = whole.fit(&x, &y, options().callback(ModelCheckpoint::new(&path).every(4))).unwrap();
    assert!(history.get("learning_rate").unwrap()[8] < 0.01, "the rate fell: {history:?}");
    let mut again = Network::load(folder.path().join("epoch-4.safetensors")).unwrap();
    assert_eq!((again.epochs(), again.history().epochs()), (4, 4));
    let gone_on = again.fit(&x, &y, options().initial_epoch(4)).unwrap();
    assert_eq!(gone_on, history);
    assert!(again.to_bytes().unwrap() == whole.to_bytes().unwrap(), "the files differ");
    assert_eq!(again.predict(&x).unwrap(), whole.predict(&x).unwrap());
}

#[test]
fn a_file_that_is_damaged_or_of_others_is_refused() {
    let (x, y) = leads(64, 3, 2);
    let mut network = network(3, 1);
    network.fit(&x, &y, FitOptions::default()).unwrap();
    let bytes = network.to_bytes().unwrap();
    let same = Network::from_bytes(&bytes).unwrap();
    assert!(same.to_bytes().unwrap() == bytes);
    assert!(says(Network::from_bytes(b"")).contains("damaged, or no network"));
    assert!(says(Network::from_bytes(&bytes[..bytes.len() - 1])).contains("damaged"));
    let mut flipped = bytes.clone();
    let last = flipped.len() - 3;
    flipped[last] ^= 1;
    assert!(says(Network::from_bytes(&flipped)).contains("not what was written"));
    let newer = String::from_utf8_lossy(&bytes[..4000.min(bytes.len())]).contains(r#"{\"format\":1,"#);
    assert!(newer);
    let place = bytes.windows(12).position(|w| w == br#"{\"format\":1"#.get(..12).unwrap()).unwrap();
    let mut newer = bytes.clone();
    newer[place + 12] = b'9';
    assert!(says(Network::from_bytes(&newer)).contains("newer than 1"), "{}", says(Network::from_bytes(&newer)));
    let other = safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    assert!(says(Network::from_bytes(&other)).contains("not one of adflux"));
}

#[test]
fn every_damage_is_found() {
    let bytes = network(3, 1).to_bytes().unwrap();
    let mut rng = stream(5, &[]);
    for _ in 0..3000 {
        let mut damaged = bytes.clone();
        let place = rng.random_range(0..damaged.len());
        damaged[place] ^= rng.random_range(1..=255u8);
        // White space around the header is all that may change without a word.
        let found = Network::from_bytes(&damaged).map(|network| network.to_bytes().unwrap() == bytes);
        assert!(matches!(found, Err(_) | Ok(true)), "byte {place}");
    }
}

#[test]
fn a_checkpoint_is_the_same_wherever_it_stands_among_callbacks() {
    let (x, y) = leads(200, 3, 6);
    let folder = tempfile::tempdir().unwrap();
    let saved = |first: bool| {
        let path = folder.path().join(format!("{first}-{{epoch}}.safetensors"));
        let checkpoint = ModelCheckpoint::new(&path).every(3);
        let stop = EarlyStopping::new("val_loss").patience(20).restore_best_weights(true);
        let plateau = ReduceLrOnPlateau::new("val_accuracy").patience(1).factor(0.5);
        let options = FitOptions::default().epochs(3).validation_split(0.3);
        let options = match first {
            true => options.callback(checkpoint).callback(stop).callback(plateau),
            false => options.callback(stop).callback(plateau).callback(checkpoint),
        };
        network(3, 4).fit(&x, &y, options).unwrap();
        std::fs::read(folder.path().join(format!("{first}-3.safetensors"))).unwrap()
    };
    assert!(saved(true) == saved(false));
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_the_old_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no").join("model.safetensors");
    assert!(says(network(3, 1).save(&path)).contains("model.safetensors"));
    let path = folder.path().join("model.safetensors");
    network(3, 1).save(&path).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(network(3, 1).save(folder.path()).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
