"""The Python form of dash-serve: every line of standard input to all WebSocket clients: ws_broadcast.py PORT."""
import asyncio, sys
import websockets

clients = set()


async def serve(socket):
    clients.add(socket)
    await socket.wait_closed()
    clients.discard(socket)


async def main():
    async with websockets.serve(serve, "127.0.0.1", int(sys.argv[1]), compression=None):
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            websockets.broadcast(clients, line[:-1].decode())


asyncio.run(main())
