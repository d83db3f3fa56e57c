use wasmi::{Engine, Error, Instance, Memory, Module, Store, Val};

/// An instance of the module. One thread at a time may use it.
pub struct Imds {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    handle: Val,
}

impl Imds {
    pub fn new(wasm: &[u8]) -> Result<Imds, Error> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &Module::new(&engine, wasm)?, &[])?;
        let memory = instance.get_memory(&store, "memory").expect("the module exports its memory");
        let mut handle = [Val::I32(0)];
        let create = instance.get_func(&store, "imds_new").expect("the module exports imds_new");
        create.call(&mut store, &[], &mut handle)?;
        Ok(Imds { store, instance, memory, handle: handle[0].clone() })
    }

    /// Calls a function of the module with the handle and these arguments.
    pub fn call(&mut self, name: &str, arguments: &[Val]) -> i32 {
        let arguments = [std::slice::from_ref(&self.handle), arguments].concat();
        let function = self.instance.get_func(&self.store, name).expect("docs/abi.md lists the functions");
        let mut result = [Val::I32(0)];
        function.call(&mut self.store, &arguments, &mut result).expect("a trap is a bug in the module");
        result[0].i32().expect("every result is an i32")
    }

    /// Copies bytes to the module and returns their address.
    pub fn write(&mut self, bytes: &[u8]) -> i32 {
        let at = self.call("imds_input", &[Val::I32(bytes.len() as i32)]);
        self.memory.write(&mut self.store, at as usize, bytes).expect("imds_input reserves the memory");
        at
    }

    pub fn read<const N: usize>(&self, at: i32) -> [u8; N] {
        let mut bytes = [0; N];
        self.memory.read(&self.store, at as usize, &mut bytes).expect("the address is in the memory");
        bytes
    }

    /// Copies the bytes whose address and length are at an address; none at address 0.
    pub fn bytes(&self, at: i32) -> Vec<u8> {
        if at == 0 {
            return Vec::new();
        }
        let [from, length] = [at, at + 4].map(|at| u32::from_le_bytes(self.read(at)) as usize);
        self.memory.data(&self.store)[from..from + length].to_vec()
    }
}
