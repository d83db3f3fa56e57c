/* Serves an EC2 instance's metadata from the module, with wasm2c. docs/abi.md documents the calls. */
#include "module.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64, UNKNOWN_HOPS = -1, DRAINING = 1, CLOSED = 2 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec * 1000 + (double)(time.tv_nsec / 1000000);
}

/* Receives, answers and sends. Returns the events to wait for; -1 if the connection is finished. */
static int drive(int fd, u32 connection, int events)
{
    u8 buffer[4096];
    ssize_t arrived = events & POLLIN ? recv(fd, buffer, sizeof buffer, MSG_PEEK) : -1;
    if (arrived > 0) { /* takes from the socket what the connection has room for */
        u32 at = copy(buffer, (u32)arrived);
        s32 taken = (s32)CALL(imds_receive, connection, now(), at, (u32)arrived);
        if (taken < 0 || recv(fd, buffer, (size_t)taken, 0) != taken) return -1;
    }
    if (arrived == 0 || events & (POLLHUP | POLLERR)) CALL(imds_receive_eof, connection);
    CALL(imds_handle_timeout, connection, now());
    for (u32 out;;) {
        while (CALL(imds_answer, connection, now(), now(), 0)) continue;
        if (!(out = CALL(imds_poll_transmit, connection))) break;
        int limit = (int)word(out + 8);
        if (limit) setsockopt(fd, IPPROTO_IP, IP_TTL, &limit, sizeof limit);
        ssize_t sent = send(fd, bytes(out), word(out + 4), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? POLLOUT : -1;
        CALL(imds_advance_transmit, connection, now(), (u32)sent);
    }
    u32 state = CALL(imds_state, connection);
    if (state == DRAINING) shutdown(fd, SHUT_WR);
    return state == CLOSED ? -1 : POLLIN;
}

int main(void)
{
    u8 seed[32];
    u64 nonce; /* new in each run, like the seed */
    if (getrandom(seed, sizeof seed, 0) < 0 || getrandom(&nonce, sizeof nonce, 0) < 0) return perror("getrandom"), 1;
    load();
    /* A record of 0 bytes is the default one. */
    if ((s32)CALL(imds_launch, now(), nonce, copy(seed, sizeof seed), sizeof seed, 0, 0) < 0) {
        u32 error = w2c_imds_imds_last_error(&module, imds);
        return fprintf(stderr, "launch: %.*s\n", (int)word(error + 4), (const char *)bytes(error)), 1;
    }
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    struct pollfd polled[1 + CLIENTS] = { { .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN } };
    u32 connections[1 + CLIENTS];
    if (bind(polled[0].fd, (struct sockaddr *)&address, length) || listen(polled[0].fd, 128)) return perror("listen"), 1;
    getsockname(polled[0].fd, (struct sockaddr *)&address, &length);
    printf("http://127.0.0.1:%d\n", ntohs(address.sin_port)), fflush(stdout);
    for (nfds_t used = 1; poll(polled, used, 100) >= 0 || errno == EINTR;) {
        for (nfds_t i = used - 1; i > 0; i--) {
            int events = drive(polled[i].fd, connections[i], polled[i].revents);
            polled[i].events = (short)events;
            if (events >= 0) continue;
            close(polled[i].fd), CALL(imds_close, connections[i]);
            used--, polled[i] = polled[used], connections[i] = connections[used];
        }
        int fd = polled[0].revents & POLLIN && used <= CLIENTS ? accept(polled[0].fd, NULL, NULL) : -1;
        if (fd < 0) continue; /* with CLIENTS connections, the next ones wait in the listener's queue */
        polled[used] = (struct pollfd){ .fd = fd, .events = POLLIN };
        connections[used++] = CALL(imds_open, now(), 0, (u32)UNKNOWN_HOPS);
    }
    return perror("poll"), 1;
}
