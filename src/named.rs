/// Declares an enum whose variants have stable names.
///
/// The names are for logs, tools and other languages. `ALL` and `name` come from the same rows, so
/// a new variant cannot be missing from either.
macro_rules! named_enum {
    ($(#[$meta:meta])* pub enum $enum:ident { $($(#[$doc:meta])* $variant:ident = $name:expr,)* }) => {
        $(#[$meta])*
        pub enum $enum {
            $($(#[$doc])* $variant,)*
        }

        impl $enum {
            /// All variants, in the order of their declaration.
            pub const ALL: &'static [$enum] = &[$($enum::$variant,)*];

            /// The stable name of the variant.
            pub const fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)*
                }
            }
        }
    };
}
