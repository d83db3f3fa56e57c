package main

import (
	"context"
	"os"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Imds is an instance of the module. One goroutine at a time may use it.
type Imds struct {
	module api.Module
	handle uint64
}

func load(file string) *Imds {
	wasm := must(os.ReadFile(file))
	imds := &Imds{module: must(wazero.NewRuntime(context.Background()).Instantiate(context.Background(), wasm))}
	imds.handle = must(imds.module.ExportedFunction("imds_new").Call(context.Background()))[0]
	return imds
}

// call calls a function of the module with the handle and these arguments.
func (imds *Imds) call(name string, arguments ...uint64) uint64 {
	arguments = append([]uint64{imds.handle}, arguments...)
	return must(imds.module.ExportedFunction(name).Call(context.Background(), arguments...))[0]
}

// write copies bytes to the module and returns their address.
func (imds *Imds) write(bytes []byte) uint64 {
	at := imds.call("imds_input", uint64(len(bytes)))
	imds.module.Memory().Write(uint32(at), bytes)
	return at
}

// bytes copies the bytes whose address and length are at an address; none at address 0.
func (imds *Imds) bytes(at uint64) []byte {
	if at == 0 {
		return nil
	}
	bytes, _ := imds.module.Memory().Read(imds.word(at), imds.word(at+4))
	return append([]byte{}, bytes...)
}

func (imds *Imds) word(at uint64) uint32 {
	word, _ := imds.module.Memory().ReadUint32Le(uint32(at))
	return word
}

func now() uint64 { return api.EncodeF64(float64(time.Now().UnixMilli())) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
