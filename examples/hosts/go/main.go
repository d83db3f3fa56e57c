// Serves an EC2 instance's metadata from the module, with wazero. docs/abi.md documents the calls.
package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/tetratelabs/wazero/api"
)

var lock sync.Mutex

func main() {
	imds := load(os.Args[1])
	seed := make([]byte, 32)
	rand.Read(seed)
	nonce := uint64(time.Now().UnixNano()) // The seed is new in each run.
	at := imds.write(seed)
	if int32(imds.call("imds_launch", now(), nonce, at, 32, 0, 0)) < 0 { // The default record.
		panic(string(imds.bytes(imds.call("imds_last_error"))))
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("http://%s\n", listener.Addr())
	for {
		go serve(imds, must(listener.Accept()))
	}
}

func serve(imds *Imds, client net.Conn) {
	defer client.Close()
	lock.Lock()
	defer lock.Unlock()
	connection := imds.call("imds_open", now(), 0, api.EncodeI32(-1)) // -1: the hops are not known.
	defer imds.call("imds_close", connection)
	for buffer := make([]byte, 4096); imds.call("imds_state", connection) == 0; {
		lock.Unlock()
		client.SetReadDeadline(deadline(imds, connection))
		n, err := client.Read(buffer)
		lock.Lock()
		if err != nil {
			return
		}
		imds.call("imds_receive", connection, now(), imds.write(buffer[:n]), uint64(n))
		for imds.call("imds_answer", connection, now(), now(), 0) != 0 {
			// A server outside of the instance sets the hop limit at offset 8 on the socket.
			response := imds.bytes(imds.call("imds_poll_transmit", connection))
			imds.call("imds_advance_transmit", connection, now(), uint64(len(response)))
			lock.Unlock()
			client.Write(response)
			lock.Lock()
		}
	}
}

// deadline is the time of the connection's next timeout; the zero time if it has none.
func deadline(imds *Imds, connection uint64) time.Time {
	lock.Lock()
	defer lock.Unlock()
	at := imds.call("imds_poll_timeout", connection)
	if at == 0 {
		return time.Time{}
	}
	due, _ := imds.module.Memory().ReadFloat64Le(uint32(at))
	return time.UnixMilli(int64(due))
}
