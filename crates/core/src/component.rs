//! What a component must offer to be put in a box, described in a file and saved: [`Recipe`] for what is configured,
//! [`Component`] for what is fitted.
//!
//! Most components are plain serde structs and get both in one line each:
//!
//! ```
//! # use serde::{Serialize, Deserialize};
//! #[derive(Clone, Debug, Default, Serialize, Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Shrink { by: f64 }
//! #[derive(Debug, Serialize, Deserialize)]
//! struct Shrunk { mean: f64 }
//! adflux_core::recipe!(Shrink, "shrink");
//! adflux_core::component!(Shrunk, "shrink", version = 1);
//! ```

use crate::{Error, Registry, Result, Spec};
use rmp_serde::decode::Error as MessagePackError;
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use std::{any::Any, fmt::Debug, io::ErrorKind};

/// A fitted component that can be saved and loaded.
pub trait Component: Debug + Send + Sync + Sized + 'static {
    /// The name it is saved under, the same as its recipe's.
    const KIND: &'static str;
    /// The version of its state. Raise it when the state changes, and read the older ones in
    /// [`from_state`](Component::from_state).
    const VERSION: u32 = 1;
    /// The state as bytes.
    ///
    /// # Errors
    /// When the state cannot be written.
    fn state(&self) -> Result<Vec<u8>>;
    /// The component from a state of `version`, 1 to [`VERSION`](Component::VERSION). Children are loaded through `registry`.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn from_state(version: u32, state: &[u8], registry: &Registry) -> Result<Self>;
    /// The columns it reads from the frame, for components that are given one. A pipeline asks its input for these.
    fn inputs(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A configurable recipe that can be described as a [`Spec`].
pub trait Recipe: Clone + Debug + Send + Sync + Sized + 'static {
    /// The name it goes by in files.
    const KIND: &'static str;
    /// The description of this recipe.
    ///
    /// # Errors
    /// When a parameter cannot be written down.
    fn spec(&self) -> Result<Spec>;
    /// The recipe of a description. Children are built through `registry`.
    ///
    /// # Errors
    /// When a parameter is unknown or of the wrong type.
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self>;
}

/// The describing half of every recipe and of every box: what a pipeline writes down of its parts.
pub trait Describe {
    /// The recipe's name.
    fn kind(&self) -> &'static str;
    /// The recipe's description.
    ///
    /// # Errors
    /// When a parameter cannot be written down.
    fn describe(&self) -> Result<Spec>;
}

impl<R: Recipe> Describe for R {
    fn kind(&self) -> &'static str {
        R::KIND
    }
    fn describe(&self) -> Result<Spec> {
        self.spec()
    }
}

/// Implements [`Component`] for a serde type: `component!(Type, "kind", version = 1)`.
#[macro_export]
macro_rules! component {
    ($type:ty, $kind:literal, version = $version:literal) => {
        impl $crate::Component for $type {
            const KIND: &'static str = $kind;
            const VERSION: u32 = $version;
            fn state(&self) -> $crate::Result<Vec<u8>> {
                $crate::component::encode($kind, self)
            }
            fn from_state(_: u32, state: &[u8], _: &$crate::Registry) -> $crate::Result<Self> {
                $crate::component::decode($kind, state)
            }
        }
    };
}

/// Implements [`Recipe`] for a serde type without children: `recipe!(Type, "kind")`.
#[macro_export]
macro_rules! recipe {
    ($type:ty, $kind:literal) => {
        impl $crate::Recipe for $type {
            const KIND: &'static str = $kind;
            fn spec(&self) -> $crate::Result<$crate::Spec> {
                $crate::Spec::of($kind, self)
            }
            fn from_spec(spec: &$crate::Spec, _: &$crate::Registry) -> $crate::Result<Self> {
                spec.childless()?.params()
            }
        }
    };
}

/// A state as msgpack with field names.
///
/// # Errors
/// [`Error::State`] naming `kind`.
pub fn encode<T: Serialize>(kind: &str, value: &T) -> Result<Vec<u8>> {
    rmp_serde::to_vec_named(value).map_err(|e| Error::State { kind: kind.into(), reason: e.to_string() })
}

/// The inverse of [`encode`]: the whole of `state` is the value.
///
/// # Errors
/// [`Error::State`] naming `kind`, also where bytes are left over.
pub fn decode<T: DeserializeOwned>(kind: &str, state: &[u8]) -> Result<T> {
    let refused = |reason: String| Error::State { kind: kind.into(), reason };
    let mut reader = rmp_serde::Deserializer::from_read_ref(state);
    let value = T::deserialize(&mut reader).map_err(|e| refused(e.to_string()))?;
    // The reader does not say where it stands: after the last byte, there is no marker to read.
    match IgnoredAny::deserialize(&mut reader) {
        Err(MessagePackError::InvalidMarkerRead(end)) if end.kind() == ErrorKind::UnexpectedEof => Ok(value),
        _ => Err(refused("bytes stand after its end: the file is damaged".into())),
    }
}

/// A component as it stands in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Its name.
    pub kind: String,
    /// The version of its state.
    pub version: u32,
    /// Its state.
    #[serde(with = "serde_bytes")]
    pub state: Vec<u8>,
}

impl Saved {
    /// The saved form of a component.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn of<C: Component>(component: &C) -> Result<Self> {
        Ok(Saved { kind: C::KIND.into(), version: C::VERSION, state: component.state()? })
    }

    /// The component again.
    ///
    /// # Errors
    /// When it is of another kind, of a newer version, or its state cannot be read.
    pub fn load<C: Component>(&self, registry: &Registry) -> Result<C> {
        if self.kind != C::KIND {
            let reason = format!("this is a `{}`", self.kind);
            return Err(Error::State { kind: C::KIND.into(), reason });
        }
        if self.version == 0 || self.version > C::VERSION {
            let reason =
                format!("version {} was saved, this adflux reads up to {}: update it", self.version, C::VERSION);
            return Err(Error::State { kind: C::KIND.into(), reason });
        }
        C::from_state(self.version, &self.state, registry)
    }
}

/// The saving half of every component and of every box: what a pipeline asks of its parts.
pub trait DynComponent: Debug + Send + Sync {
    /// The component's name.
    fn kind(&self) -> &'static str;
    /// Its saved form.
    ///
    /// # Errors
    /// When the state cannot be written.
    fn save(&self) -> Result<Saved>;
    /// The columns it reads from the frame.
    fn inputs(&self) -> Vec<String>;
    /// The component itself, to be asked for its type.
    fn as_any(&self) -> &dyn Any;
}

impl<T: Component> DynComponent for T {
    fn kind(&self) -> &'static str {
        T::KIND
    }
    fn save(&self) -> Result<Saved> {
        Saved::of(self)
    }
    fn inputs(&self) -> Vec<String> {
        Component::inputs(self)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
