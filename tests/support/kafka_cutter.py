"""Stands between clients and a broker of Kafka, and cuts connections: kafka_cutter.py PORT BROKER_PORT CUTS

A client that asks to end a transaction by aborting it, at the first CUTS times, gets no answer: its connection is cut once the broker has
answered. Prints a line for each."""
import socket
import struct
import sys
import threading

END_TXN, ABORT = 26, 0
port, broker, cuts = map(int, sys.argv[1:])


def exactly(connection, size):
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionError
        data += part
    return data


def frame(connection):
    size = exactly(connection, 4)
    return size + exactly(connection, struct.unpack(">i", size)[0])


def is_abort(request):
    """Whether a request of EndTxn, version 1, is one: after length, key, version, correlation id and the client's id come the transactional
    id, the producer's id and epoch, and whether to commit."""
    key, version = struct.unpack(">hh", request[4:8])
    if key != END_TXN:
        return False
    assert version <= 2, version
    at = 12 + 2 + max(0, struct.unpack(">h", request[12:14])[0])
    at += 2 + struct.unpack(">h", request[at:at + 2])[0] + 8 + 2
    return request[at] == ABORT


def answers(client, server, state):
    try:
        while True:
            answer = frame(server)
            if answer[4:8] == state.get("cut"):
                print("cut", flush=True)
                client.shutdown(socket.SHUT_RDWR)
            client.sendall(answer)
    except OSError:
        pass
    for each in (client, server):
        each.close()


def requests(client, server, state):
    global cuts
    try:
        while True:
            request = frame(client)
            if cuts > 0 and is_abort(request):
                cuts -= 1
                state["cut"] = request[8:12]
            server.sendall(request)
    except OSError:
        pass
    for each in (client, server):
        each.close()


listener = socket.create_server(("127.0.0.1", port))
while True:
    accepted, _ = listener.accept()
    opened, shared = socket.create_connection(("127.0.0.1", broker)), {}
    for work in (requests, answers):
        threading.Thread(target=work, args=(accepted, opened, shared), daemon=True).start()
