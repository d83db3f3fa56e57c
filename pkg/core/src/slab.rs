//! Values behind 32-bit keys. The key of a removed value finds nothing.

use alloc::vec::Vec;

/// Bits of a key that are the position; the others are the generation of the slot, never 0.
const INDEX_BITS: u32 = 20;
const MAX_VALUES: usize = 1 << INDEX_BITS;
const MAX_GENERATION: u32 = u32::MAX >> INDEX_BITS;

/// A key finds another value only after its slot has been used [`MAX_GENERATION`] times more.
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub const fn new() -> Slab<T> {
        Slab { slots: Vec::new(), free: Vec::new() }
    }

    /// The key of the inserted value, which is not 0; `None` if the slab is full.
    pub fn insert(&mut self, value: T) -> Option<u32> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < MAX_VALUES => {
                self.slots.push(Slot { generation: 1, value: None });
                self.slots.len() as u32 - 1
            }
            None => return None,
        };
        let slot = self.slots.get_mut(index as usize)?;
        slot.value = Some(value);
        Some(slot.generation << INDEX_BITS | index)
    }

    pub fn get(&self, key: u32) -> Option<&T> {
        let slot = self.slots.get(index_of(key))?;
        if slot.generation == key >> INDEX_BITS { slot.value.as_ref() } else { None }
    }

    pub fn get_mut(&mut self, key: u32) -> Option<&mut T> {
        let slot = self.slots.get_mut(index_of(key))?;
        if slot.generation == key >> INDEX_BITS { slot.value.as_mut() } else { None }
    }

    pub fn remove(&mut self, key: u32) -> Option<T> {
        let index = index_of(key);
        let slot = self.slots.get_mut(index).filter(|slot| slot.generation == key >> INDEX_BITS)?;
        let value = slot.value.take()?;
        slot.generation = slot.generation % MAX_GENERATION + 1;
        self.free.push(index as u32);
        Some(value)
    }
}

fn index_of(key: u32) -> usize {
    key as usize & (MAX_VALUES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_removed_value_finds_nothing() {
        let mut slab = Slab::new();
        let [first, second] = [slab.insert('a').unwrap(), slab.insert('b').unwrap()];
        assert_eq!(slab.remove(first), Some('a'));
        assert!(slab.remove(first).is_none() && slab.get(first).is_none() && slab.get_mut(first).is_none());
        let third = slab.insert('c').unwrap();
        assert_ne!(third, first);
        assert_eq!(index_of(third), index_of(first), "the slot is used again");
        assert_eq!((slab.get(first), slab.get(second), slab.get(third)), (None, Some(&'b'), Some(&'c')));
    }

    #[test]
    fn a_generation_returns_after_all_others() {
        let mut slab = Slab::new();
        let first = slab.insert(0).unwrap();
        slab.remove(first);
        for _ in 1..MAX_GENERATION {
            let key = slab.insert(0).unwrap();
            assert!(key != first && key != 0);
            slab.remove(key);
        }
        assert_eq!(slab.insert(0), Some(first));
    }

    #[test]
    fn keys_that_were_never_returned_find_nothing() {
        let mut slab = Slab::new();
        let key = slab.insert(()).unwrap();
        for other in [0, 1, u32::MAX, key + 1, key ^ 1 << INDEX_BITS, key & ((1 << INDEX_BITS) - 1)] {
            assert!(slab.get(other).is_none() && slab.remove(other).is_none(), "{other}");
        }
    }
}
