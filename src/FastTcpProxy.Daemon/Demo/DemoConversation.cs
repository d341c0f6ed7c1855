using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// One connection of an upstream of the demo: it removes the PROXY header, then answers each line with the client's address; an HTTP
/// request gets one answer and a close. It has its own thread; the socket is the upstream's.
/// </summary>
internal sealed class DemoConversation(string upstream, Socket connection, Action<DemoArrival> arrived)
{
    /// <summary>A client of the demo that says nothing for this long is disconnected.</summary>
    private const int SilenceMs = 10 * 60 * 1000;

    private readonly byte[] _buffer = new byte[ProxyHeaderEncoder.MaxV2Length + 4096];
    private int _length;

    public void Run()
    {
        connection.ReceiveTimeout = SilenceMs;
        if (ReadHeader() is not { } arrival) return;
        arrived(arrival);
        while (_length > 0 || Receive())
        {
            string said = Encoding.UTF8.GetString(_buffer, 0, _length);
            _length = 0;
            bool http = said.StartsWith("GET ", StringComparison.Ordinal) || said.StartsWith("HEAD ", StringComparison.Ordinal);
            string answer = $"upstream {upstream}: hello {arrival.Client}, you said {said.Trim().Split('\n')[0].Trim()}\n";
            if (http) answer = HttpHead(Encoding.UTF8.GetByteCount(answer)) + answer;
            connection.Send(Encoding.UTF8.GetBytes(answer));
            if (http) break;
        }
        connection.Shutdown(SocketShutdown.Send);
        // The client's end too, or the close would reset what it has not read yet.
        while (Receive()) _length = 0;
    }

    private static string HttpHead(int length) =>
        $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n";

    /// <summary>Null when the connection ended before, or began with something else.</summary>
    private DemoArrival? ReadHeader()
    {
        while (Receive())
        {
            ReadOnlySpan<byte> received = _buffer.AsSpan(0, _length);
            ProxyDecodeStatus status = ProxyHeaderDecoder.Decode(received, out ProxyHeader header, out _);
            if (status == ProxyDecodeStatus.Invalid) return null;
            if (status == ProxyDecodeStatus.NeedMore) continue;
            DemoArrival arrival = new(upstream, received[..header.Length].ToArray(), HeaderText.Describe(header),
                HeaderText.Summarize(header),
                HeaderWords.Source(header) ?? "unknown client");
            int rest = _length - header.Length;
            received[header.Length..].CopyTo(_buffer);
            _length = rest;
            return arrival;
        }
        return null;
    }

    /// <summary>Adds what comes; false at the end.</summary>
    private bool Receive()
    {
        int count = connection.Receive(_buffer, _length, _buffer.Length - _length, SocketFlags.None);
        _length += count;
        return count > 0;
    }
}
