//! Handles and addresses of the caller, as references. **The only file with unsafe code.**
//!
//! Natively a handle is a pointer, as in other C libraries. In WebAssembly it is a key of a slab:
//! a null, freed or invented handle finds nothing, so a mistake of the host does not corrupt the
//! memory of the module. The host sees an opaque 32-bit number either way.

#![allow(unsafe_code)]

use alloc::boxed::Box;
use core::slice;

use crate::fault::IMDS_ERROR_HANDLE;
use crate::layout::Text;
use crate::service::Service;

/// The version of the functions and structs. A change that breaks a caller increments it.
const ABI_VERSION: u32 = 1;

/// An exported function, for the test of the header.
pub struct Export {
    pub name: &'static str,
    /// The name and type of each parameter.
    pub parameters: &'static [(&'static str, &'static str)],
    pub returns: &'static str,
}

/// Declares the exported functions and `EXPORTS`, a list of them.
///
/// The body of a function is safe code: it has the service behind the handle, and each pair of an
/// address and a length as a slice. A handle or a slice that cannot be valid is a failed call.
macro_rules! exports {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($service:ident $(, $argument:ident: $type:ty)* $(; $($bytes:ident + $length:ident),+)?)
            -> $return:ty $body:block
    )*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            ///
            /// `imds` is null or a handle of `imds_new` that is not freed and that no other thread
            /// uses. Each pair of an address and a length is memory that can be read.
            #[allow(unsafe_code)]
            #[unsafe(no_mangle)]
            pub unsafe extern "C" fn $name(
                imds: *mut Service $(, $argument: $type)* $($(, $bytes: *const u8, $length: usize)+)?
            ) -> $return {
                #[deny(unsafe_code)]
                fn body(
                    $service: &mut Service $(, $argument: $type)* $($(, $bytes: &[u8])+)?
                ) -> Result<$return, Fault> $body
                // SAFETY: the caller keeps the contract of this function.
                let Some(found) = (unsafe { $crate::memory::service(imds) }) else {
                    return <$return as Return>::failure(IMDS_ERROR_HANDLE);
                };
                $($(
                    // SAFETY: the caller keeps the contract of this function.
                    let Some($bytes) = (unsafe { $crate::memory::bytes($bytes, $length) }) else {
                        let reason = concat!(stringify!($bytes), ": the address is null, or the length too large");
                        return found.fail(Fault::argument(reason));
                    };
                )+)?
                match body(found $(, $argument)* $($(, $bytes)+)?) {
                    Ok(value) => found.succeed(value),
                    Err(fault) => found.fail(fault),
                }
            }
        )*

        /// The functions of this file.
        pub const EXPORTS: &[Export] = &[$(Export {
            name: stringify!($name),
            parameters: &[
                ("imds", "*mut Service"),
                $((stringify!($argument), stringify!($type)),)*
                $($((stringify!($bytes), "*const u8"), (stringify!($length), "usize"),)+)?
            ],
            returns: stringify!($return),
        }),*];
    };
}

/// The version of this ABI.
#[unsafe(no_mangle)]
pub extern "C" fn imds_abi_version() -> u32 {
    ABI_VERSION
}

/// Creates a service without an instance.
#[unsafe(no_mangle)]
pub extern "C" fn imds_new() -> *mut Service {
    handles::insert(Box::new(Service::new()))
}

/// Frees a service, and everything that it returned. Null has no effect.
///
/// # Safety
///
/// `imds` is null or a handle of `imds_new` that is not freed and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imds_free(imds: *mut Service) {
    // SAFETY: the caller keeps the contract of this function.
    unsafe { handles::remove(imds) }
}

/// The reason of the last call that failed; empty after a call that succeeded. Null for a handle
/// that is null.
///
/// # Safety
///
/// `imds` is null or a handle of `imds_new` that is not freed and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imds_last_error(imds: *mut Service) -> *const Text {
    // SAFETY: the caller keeps the contract of this function.
    unsafe { service(imds) }.map_or(core::ptr::null(), Service::last_error)
}

/// The code of the last call's error; 0 if it succeeded. `IMDS_ERROR_HANDLE` for a handle that is
/// null.
///
/// # Safety
///
/// `imds` is null or a handle of `imds_new` that is not freed and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imds_last_error_code(imds: *mut Service) -> i32 {
    // SAFETY: the caller keeps the contract of this function.
    unsafe { service(imds) }.map_or(IMDS_ERROR_HANDLE, |service| service.last_error_code())
}

/// The service behind a handle.
///
/// # Safety
///
/// The caller's handle is null, or a handle of `imds_new` that is not freed. No reference to the
/// service exists.
#[inline]
pub unsafe fn service<'a>(handle: *mut Service) -> Option<&'a mut Service> {
    // SAFETY: the caller keeps the contract of this function.
    unsafe { handles::get(handle) }
}

/// The bytes at an address. `None` if they cannot be there. Without a length, the address may have
/// any value.
///
/// # Safety
///
/// The memory can be read and nothing writes to it for as long as the bytes are used.
#[inline]
pub unsafe fn bytes<'a>(address: *const u8, length: usize) -> Option<&'a [u8]> {
    if length == 0 {
        return Some(&[]);
    }
    if address.is_null() || !handles::has_room(address, length) {
        return None;
    }
    // SAFETY: the address is not null and the length at most isize::MAX. The caller guarantees the
    // rest.
    Some(unsafe { slice::from_raw_parts(address, length) })
}

#[cfg(not(target_arch = "wasm32"))]
mod handles {
    use alloc::boxed::Box;

    use crate::service::Service;

    pub fn insert(service: Box<Service>) -> *mut Service {
        Box::into_raw(service)
    }

    /// # Safety
    ///
    /// Null, or a handle that is not freed. No reference to the service exists.
    #[inline]
    pub unsafe fn get<'a>(handle: *mut Service) -> Option<&'a mut Service> {
        // SAFETY: the caller keeps the contract of this function, and `insert` returned the handle.
        unsafe { handle.as_mut() }
    }

    /// # Safety
    ///
    /// Null, or a handle that is not freed. No reference to the service exists.
    pub unsafe fn remove(handle: *mut Service) {
        if !handle.is_null() {
            // SAFETY: `insert` returned the handle, which is freed once.
            drop(unsafe { Box::from_raw(handle) });
        }
    }

    pub fn has_room(_: *const u8, length: usize) -> bool {
        isize::try_from(length).is_ok()
    }
}

#[cfg(target_arch = "wasm32")]
mod handles {
    use alloc::boxed::Box;
    use core::cell::UnsafeCell;
    use core::ptr;

    use crate::service::Service;
    use crate::slab::Slab;

    struct Services(UnsafeCell<Slab<Box<Service>>>);

    // SAFETY: the module is built without atomics, so an instance of it has one thread.
    unsafe impl Sync for Services {}

    static SERVICES: Services = Services(UnsafeCell::new(Slab::new()));

    /// The slab.
    fn services<'a>() -> &'a mut Slab<Box<Service>> {
        // SAFETY: the module has one thread, and imports nothing, so no call of it runs inside of
        // another. Each call uses the slab once.
        unsafe { &mut *SERVICES.0.get() }
    }

    pub fn insert(service: Box<Service>) -> *mut Service {
        services().insert(service).map_or(ptr::null_mut(), |key| ptr::without_provenance_mut(key as usize))
    }

    #[inline]
    pub unsafe fn get<'a>(handle: *mut Service) -> Option<&'a mut Service> {
        services().get_mut(handle.addr() as u32).map(|service| &mut **service)
    }

    pub unsafe fn remove(handle: *mut Service) {
        services().remove(handle.addr() as u32);
    }

    /// Whether the bytes end before the memory does.
    pub fn has_room(address: *const u8, length: usize) -> bool {
        const PAGE_BYTES: usize = 65_536;
        let pages = core::arch::wasm32::memory_size(0);
        let end = address.addr().checked_add(length);
        end.is_some_and(|end| end.div_ceil(PAGE_BYTES) <= pages) && isize::try_from(length).is_ok()
    }
}
