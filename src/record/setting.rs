use super::json::{Json, JsonError, JsonNode, Printer};

/// A value with a default that can be switched off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Setting<T> {
    /// The default; an absent key or `null` in JSON.
    #[default]
    Default,
    /// No value; `false` in JSON.
    Off,
    /// This value.
    Set(T),
}

impl<T> Setting<T> {
    /// The value, given the default.
    pub fn or_else(self, default: impl FnOnce() -> T) -> Option<T> {
        match self {
            Setting::Default => Some(default()),
            Setting::Off => None,
            Setting::Set(value) => Some(value),
        }
    }
}

impl<T: Json> Json for Setting<T> {
    fn placeholder() -> Setting<T> {
        Setting::Default
    }

    fn read(&mut self, node: &JsonNode<'_>) -> Result<(), JsonError> {
        match node {
            JsonNode::Null => {}
            JsonNode::Bool(false) => *self = Setting::Off,
            _ => {
                let mut value = T::placeholder();
                value.read(node)?;
                *self = Setting::Set(value);
            }
        }
        Ok(())
    }

    fn write(&self, to: &mut Printer) {
        match self {
            Setting::Default => to.word("null"),
            Setting::Off => to.word("false"),
            Setting::Set(value) => value.write(to),
        }
    }

    fn is_default(&self) -> bool {
        matches!(self, Setting::Default)
    }
}
