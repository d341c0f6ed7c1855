// The proxy that a C# programmer would write in an afternoon: async/await and Stream.CopyToAsync, on the thread pool. It is the baseline of
// bench/compare, so it is correct (PROXY header, half-close, resets) and sets what everybody knows to set (no Nagle), and nothing is tuned.
//
//   naiveproxy LISTEN UPSTREAM raw|v1|v2        both as IP:PORT
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

if (args is not [var listenText, var upstreamText, "raw" or "v1" or "v2"]
    || !IPEndPoint.TryParse(listenText, out IPEndPoint? listen) || !IPEndPoint.TryParse(upstreamText, out IPEndPoint? upstream))
{
    Console.Error.WriteLine("usage: naiveproxy LISTEN-IP:PORT UPSTREAM-IP:PORT raw|v1|v2");
    return 2;
}
string mode = args[2];
using TcpListener listener = new(listen);
try
{
    listener.Start(backlog: 16_384);
}
catch (SocketException e)
{
    Console.Error.WriteLine($"error: {listen}: {e.Message}");
    return 1;
}
while (true)
{
    try
    {
        _ = ServeAsync(await listener.AcceptSocketAsync());
    }
    catch (SocketException e)
    {
        // A client that left while it waited, or no descriptor: the next one may fare better.
        Console.Error.WriteLine($"error: accept: {e.Message}");
        await Task.Delay(10);
    }
}

async Task ServeAsync(Socket client)
{
    using Socket server = new(upstream.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    using (client)
    {
        try
        {
            client.NoDelay = server.NoDelay = true;
            await server.ConnectAsync(upstream);
            using NetworkStream clientStream = new(client), serverStream = new(server);
            if (mode != "raw")
            {
                var (source, destination) = ((IPEndPoint)client.RemoteEndPoint!, (IPEndPoint)client.LocalEndPoint!);
                await serverStream.WriteAsync(mode == "v1" ? HeaderV1(source, destination) : HeaderV2(source, destination));
            }
            await Task.WhenAll(RelayAsync(clientStream, serverStream), RelayAsync(serverStream, clientStream));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // One side broke off, or there is no upstream: the other learns it by a reset.
            Reset(client);
            Reset(server);
        }
    }
}

// One direction to its end, which is passed on as a half-close; the other direction continues.
static async Task RelayAsync(NetworkStream from, NetworkStream to)
{
    try
    {
        await from.CopyToAsync(to);
        to.Socket.Shutdown(SocketShutdown.Send);
    }
    catch
    {
        // Else the other direction would wait for a peer that is never told.
        Reset(from.Socket);
        Reset(to.Socket);
        throw;
    }
}

static void Reset(Socket socket) => socket.Close(0);

static byte[] HeaderV1(IPEndPoint source, IPEndPoint destination) => Encoding.ASCII.GetBytes(
    $"PROXY "
    + $"TCP{(source.AddressFamily == AddressFamily.InterNetwork ? '4' : '6')} {source.Address} {destination.Address} {source.Port} "
    + $"{destination.Port}\r\n");

// https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt, section 2.2
static byte[] HeaderV2(IPEndPoint source, IPEndPoint destination)
{
    byte[] from = source.Address.GetAddressBytes(), to = destination.Address.GetAddressBytes();
    byte[] header = new byte[16 + (2 * from.Length) + 4];
    "\r\n\r\n\0\r\nQUIT\n"u8.CopyTo(header);
    header[12] = 0x21;                                       // version 2, PROXY
    header[13] = (byte)(from.Length == 4 ? 0x11 : 0x21);     // TCP over IPv4 or IPv6
    BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(header.Length - 16));
    from.CopyTo(header, 16);
    to.CopyTo(header, 16 + from.Length);
    BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(header.Length - 4), (ushort)source.Port);
    BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(header.Length - 2), (ushort)destination.Port);
    return header;
}
