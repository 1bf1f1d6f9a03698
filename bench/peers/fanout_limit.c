/* fanout_limit: the smallest fan-out server that the generator can drive, in C.
 *
 *     fanout_limit PORT single|joined
 *
 * It shows what the kernel charges for a room, so that others can be held against it. `single` is
 * one send per message and recipient, `joined` one send per recipient and turn of the loop, of all
 * that was said in the turn. It speaks as much IRC as the generator does (NICK, USER, JOIN,
 * PRIVMSG, PART, PING), believes its clients, and keeps nothing: a limit, not a server.
 *
 * The loop is in main; `take_line` is the protocol, `say` and `flush` are the two modes.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FILES = 65536, MAX_ROOMS = 1024, EVENTS = 1024, NAME = 32, RECEIVE = 65536, LINE = 1024 };

struct bytes {
    char *data;
    size_t size, space;
};

struct client {
    int fd;
    char nick[NAME];
    char source[2 * NAME]; /* what its lines begin with, when others hear them */
    size_t source_size;
    struct room *room;   /* one at a time */
    struct bytes begun;  /* a line without its end yet */
    struct bytes unsent; /* what the socket has not taken */
    bool has_spoken;     /* since its room was flushed */
};

struct message {
    size_t begin, size; /* in the room's log */
    const struct client *author;
};

struct room {
    char name[NAME];
    struct client **members;
    size_t count, members_space;
    struct bytes log; /* what was said since the last flush */
    struct message *messages;
    size_t said, messages_space;
    bool is_due; /* at the end of the turn */
};

static struct client *clients[MAX_FILES]; /* by descriptor */
static struct room rooms[MAX_ROOMS];
static size_t room_count;
static struct room *due[MAX_ROOMS]; /* rooms to flush at the end of the turn */
static size_t due_count;
static bool joined;
static int loop;

/* Memory: what grows doubles, and nobody goes on without it. */

static void *grown(void *old, size_t *space, size_t needed, size_t each)
{
    if (needed <= *space)
        return old;
    *space = needed * 2;
    void *bigger = realloc(old, *space * each);
    if (!bigger) {
        perror("fanout_limit");
        exit(1);
    }
    return bigger;
}

static void append(struct bytes *to, const void *data, size_t size)
{
    to->data = grown(to->data, &to->space, to->size + size, 1);
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static void remove_front(struct bytes *from, size_t size)
{
    from->size -= size;
    memmove(from->data, from->data + size, from->size);
}

/* Sending. */

static void watch(int fd, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(loop, operation, fd, &event);
}

static void transmit(struct client *to, const void *data, size_t size)
{
    if (to->unsent.size) {
        append(&to->unsent, data, size);
        return;
    }
    ssize_t sent = send(to->fd, data, size, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN)
            return; /* its end is read in a moment */
        sent = 0;
    }
    if ((size_t)sent < size) {
        append(&to->unsent, (const char *)data + sent, size - sent);
        watch(to->fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    }
}

static void send_rest(struct client *to)
{
    ssize_t sent = send(to->fd, to->unsent.data, to->unsent.size, MSG_NOSIGNAL);
    if (sent <= 0)
        return;
    remove_front(&to->unsent, sent);
    if (!to->unsent.size)
        watch(to->fd, EPOLLIN, EPOLL_CTL_MOD);
}

/* Rooms. */

/* Who said something hears what the others said. */
static void flush_to_author(struct room *room, struct client *author)
{
    struct bytes others = {0};
    for (size_t i = 0; i < room->said; i++) {
        const struct message *message = &room->messages[i];
        if (message->author != author)
            append(&others, room->log.data + message->begin, message->size);
    }
    if (others.size)
        transmit(author, others.data, others.size);
    free(others.data);
    author->has_spoken = false;
}

static void flush(struct room *room)
{
    if (!room->said)
        return;
    for (size_t i = 0; i < room->count; i++) {
        struct client *member = room->members[i];
        if (member->has_spoken)
            flush_to_author(room, member);
        else
            transmit(member, room->log.data, room->log.size);
    }
    room->log.size = 0;
    room->said = 0;
}

static void flush_due(void)
{
    for (size_t i = 0; i < due_count; i++) {
        flush(due[i]);
        due[i]->is_due = false;
    }
    due_count = 0;
}

static void say(struct client *author, const char *text, size_t size)
{
    struct room *room = author->room;
    if (!joined) {
        for (size_t i = 0; i < room->count; i++)
            if (room->members[i] != author)
                transmit(room->members[i], text, size);
        return;
    }
    if (!room->is_due) {
        room->is_due = true;
        due[due_count++] = room;
    }
    room->messages =
        grown(room->messages, &room->messages_space, room->said + 1, sizeof *room->messages);
    room->messages[room->said++] = (struct message){room->log.size, size, author};
    append(&room->log, text, size);
    author->has_spoken = true;
}

static void tell_all(struct room *room, const char *line, size_t size)
{
    for (size_t i = 0; i < room->count; i++)
        transmit(room->members[i], line, size);
}

static struct room *room_called(const char *name)
{
    for (size_t i = 0; i < room_count; i++)
        if (!strcmp(rooms[i].name, name))
            return &rooms[i];
    if (room_count == MAX_ROOMS)
        return NULL;
    struct room *room = &rooms[room_count++];
    snprintf(room->name, NAME, "%s", name);
    return room;
}

/* Whoever enters hears nothing of before, and who leaves all of it. */
static void enter(struct client *client, struct room *room)
{
    flush(room);
    room->members =
        grown(room->members, &room->members_space, room->count + 1, sizeof *room->members);
    room->members[room->count++] = client;
    client->room = room;
}

static void leave(struct client *client)
{
    struct room *room = client->room;
    flush(room);
    client->room = NULL;
    for (size_t i = 0; i < room->count; i++)
        if (room->members[i] == client) {
            room->members[i] = room->members[--room->count];
            return;
        }
}

/* The protocol. */

static bool is(const char *line, size_t size, const char *command)
{
    size_t length = strlen(command);
    return size > length && !memcmp(line, command, length);
}

static size_t fitting(int written) /* what snprintf had room for */
{
    return written < LINE ? (size_t)written : LINE - 1;
}

/* A line as others hear it; one that is too long is cut. */
static size_t relayed(char *reply, const struct client *author, const char *line, size_t size)
{
    size_t most = LINE - author->source_size - 2;
    char *end = mempcpy(reply, author->source, author->source_size);
    end = mempcpy(end, line, size < most ? size : most);
    end = mempcpy(end, "\r\n", 2);
    return end - reply;
}

static void be_called(struct client *client, const char *nick, int size)
{
    snprintf(client->nick, NAME, "%.*s", size, nick);
    client->source_size =
        snprintf(client->source, sizeof client->source, ":%s!~u@localhost ", client->nick);
}

static void join(struct client *client, const char *name, const char *line, size_t size)
{
    char reply[LINE];
    struct room *room = room_called(name);
    if (!room || client->room)
        return;
    enter(client, room);
    tell_all(room, reply, relayed(reply, client, line, size));
    int n = snprintf(reply, LINE, ":c.test 366 %s %s :end\r\n", client->nick, name);
    transmit(client, reply, fitting(n));
}

static void take_line(struct client *client, const char *line, int size)
{
    char reply[LINE], word[NAME];
    if (is(line, size, "PRIVMSG ")) {
        if (client->room)
            say(client, reply, relayed(reply, client, line, size));
    } else if (is(line, size, "NICK ")) {
        be_called(client, line + 5, size - 5);
    } else if (is(line, size, "USER ")) {
        const char *nick = client->nick;
        int n = snprintf(reply, LINE, ":c.test 001 %s :hi\r\n:c.test 376 %s :end\r\n", nick, nick);
        transmit(client, reply, fitting(n));
    } else if (is(line, size, "JOIN ")) {
        snprintf(word, NAME, "%.*s", size - 5, line + 5);
        join(client, word, line, size);
    } else if (is(line, size, "PART ") && client->room) {
        flush(client->room);
        tell_all(client->room, reply, relayed(reply, client, line, size));
        leave(client);
    } else if (is(line, size, "PING")) {
        int n = snprintf(reply, LINE, ":c.test PONG%.*s\r\n", size - 4, line + 4);
        transmit(client, reply, fitting(n));
    }
}

/* Connections. */

static void accept_all(int listener)
{
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct client *client = fd < MAX_FILES ? calloc(1, sizeof *client) : NULL;
        if (!client) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        client->fd = fd;
        clients[fd] = client;
        watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static void drop(struct client *client)
{
    if (client->room)
        leave(client);
    clients[client->fd] = NULL;
    close(client->fd);
    free(client->begun.data);
    free(client->unsent.data);
    free(client);
}

static void receive(struct client *client)
{
    static char received[RECEIVE];
    ssize_t n = recv(client->fd, received, sizeof received, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        drop(client);
        return;
    }
    bool had_begun = client->begun.size;
    if (had_begun)
        append(&client->begun, received, n);
    const char *data = had_begun ? client->begun.data : received;
    size_t size = had_begun ? client->begun.size : (size_t)n, done = 0;
    for (const char *end; (end = memchr(data + done, '\n', size - done)); done = end - data + 1) {
        size_t length = end - (data + done);
        if (length && end[-1] == '\r')
            length--;
        take_line(client, data + done, length);
    }
    if (had_begun)
        remove_front(&client->begun, done);
    else if (done < size)
        append(&client->begun, data + done, size - done);
}

static int listen_on(uint16_t port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) {
        perror("fanout_limit");
        exit(1);
    }
    return fd;
}

int main(int count, char **words)
{
    if (count != 3 || (strcmp(words[2], "single") && strcmp(words[2], "joined"))) {
        fprintf(stderr, "usage: fanout_limit PORT single|joined\n");
        return 2;
    }
    joined = !strcmp(words[2], "joined");
    signal(SIGPIPE, SIG_IGN);
    loop = epoll_create1(0);
    int listener = listen_on(atoi(words[1]));
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_all(listener);
                continue;
            }
            struct client *client = clients[fd];
            if (client && events[i].events & EPOLLOUT && client->unsent.size)
                send_rest(client);
            if (client && events[i].events & ~EPOLLOUT)
                receive(client);
        }
        flush_due();
    }
}
