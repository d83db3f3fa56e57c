package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// TestReplay replays the calls of every transcript, which `imds-pkg-build calls` writes.
func TestReplay(t *testing.T) {
	imds := load(os.Getenv("IMDS_CORE"))
	calls := strings.Split(strings.TrimSpace(string(must(os.ReadFile(os.Getenv("IMDS_CALLS"))))), "\n")
	transcript, connection, transcripts := "", uint64(0), 0
	for index, line := range calls {
		c := strings.Fields(line)
		expected, actual := "", ""
		switch c[0] {
		case "transcript":
			transcript = c[1]
			transcripts++
		case "open":
			connection = imds.call("imds_open", millis(c[1]), number(c[2]), api.EncodeI32(-1))
		case "answer":
			expected = strings.Join(c[3:], " ")
			actual = exchange(imds, imds.call("imds_answer", connection, millis(c[1]), millis(c[1]), number(c[2])))
		default:
			expected, actual = replay(imds, connection, c)
		}
		if actual != expected {
			t.Fatalf("%s, line %d: %s\nexpected %s\nactual   %s", transcript, index+1, line, expected, actual)
		}
	}
	if transcripts < 20 {
		t.Fatalf("%d transcripts", transcripts)
	}
}

// replay makes a call, and returns its expected and its actual result.
func replay(imds *Imds, connection uint64, c []string) (string, string) {
	last := c[len(c)-1]
	switch c[0] {
	case "launch":
		seed, record := bytes(c[3]), bytes(c[4])
		at := imds.write(append(seed, record...))
		end := at + uint64(len(seed))
		return "0", signed(imds.call("imds_launch", millis(c[1]), number(c[2]), at, uint64(len(seed)), end, uint64(len(record))))
	case "modify":
		change := bytes(c[3])
		return "0", signed(imds.call("imds_modify_options", millis(c[1]), millis(c[2]), imds.write(change), uint64(len(change))))
	case "receive":
		received := bytes(c[2])
		return last, signed(imds.call("imds_receive", connection, millis(c[1]), imds.write(received), uint64(len(received))))
	case "eof":
		return "0", signed(imds.call("imds_receive_eof", connection))
	case "transmit":
		at := imds.call("imds_poll_transmit", connection)
		return strings.Join(c[1:], " "), fmt.Sprint(imds.word(at+4), " ", imds.word(at+8))
	case "advance":
		return "0", signed(imds.call("imds_advance_transmit", connection, millis(c[1]), number(c[2])))
	case "timeout":
		at := imds.call("imds_poll_timeout", connection)
		if at == 0 {
			return strings.Join(c[1:], " "), "none"
		}
		due, _ := imds.module.Memory().ReadFloat64Le(uint32(at))
		return strings.Join(c[1:], " "), fmt.Sprintf("%.0f %s", due, text(imds, imds.call("imds_timer_name", uint64(imds.word(at+8)))))
	case "handle-timeout":
		return "0", signed(imds.call("imds_handle_timeout", connection, millis(c[1])))
	case "state":
		state, reason := signed(imds.call("imds_state", connection)), "none"
		if number := imds.call("imds_close_reason", connection); number != 0 {
			reason = text(imds, imds.call("imds_close_reason_name", number))
		}
		return strings.Join(c[1:], " "), state + " " + reason
	case "close":
		return "0", signed(imds.call("imds_close", connection))
	}
	return "a known call", c[0]
}

func exchange(imds *Imds, at uint64) string {
	if at == 0 {
		return "none"
	}
	address, length, status, rule, hops := imds.word(at+8), imds.word(at+12), imds.word(at+20), imds.word(at+24), imds.word(at+28)
	response, _ := imds.module.Memory().Read(address, length)
	hexadecimal := "-"
	if length > 0 {
		hexadecimal = hex.EncodeToString(response)
	}
	return fmt.Sprint(status, " ", text(imds, imds.call("imds_rule_id", uint64(rule))), " ", hops, " ", hexadecimal)
}

func text(imds *Imds, at uint64) string { return string(imds.bytes(at)) }

func bytes(hexadecimal string) []byte {
	if hexadecimal == "-" {
		return nil
	}
	return must(hex.DecodeString(hexadecimal))
}

func number(text string) uint64   { return must(strconv.ParseUint(text, 10, 64)) }
func millis(text string) uint64   { return api.EncodeF64(float64(number(text))) }
func signed(result uint64) string { return strconv.Itoa(int(int32(result))) }
