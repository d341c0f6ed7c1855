using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// Takes the PROXY header off each connection and keeps it, then sends back all that follows.
/// It finds the header's end by itself, from the specification (sections 2.1 and 2.2) and not with the codec under test.
/// Any thread; its base owns the sockets.
/// </summary>
public sealed class HeaderUpstream(IPEndPoint? address = null) : TcpUpstream(address)
{
    /// <summary>Headers that no test has taken yet; one that never takes them is not to fill the memory.</summary>
    private const int HeadersMax = 10_000;

    private const int V1LengthMax = 107;
    private const int V2FixedLength = 16;

    /// <summary>No proxy sends it: the text behind UNKNOWN means nothing.</summary>
    private const string LastHeader = "PROXY UNKNOWN last\r\n";

    private readonly Channel<ReceivedHeader> _headers = Channel.CreateBounded<ReceivedHeader>(
        new BoundedChannelOptions(HeadersMax) { FullMode = BoundedChannelFullMode.DropOldest });

    private static ReadOnlySpan<byte> V2Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>The next header, in the order in which they became whole.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public async Task<ReceivedHeader> NextHeaderAsync(TimeSpan? within = null)
    {
        using var end = new CancellationTokenSource(within ?? Deadline.Patient);
        try
        {
            return await _headers.Reader.ReadAsync(end.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException("no PROXY header arrived in time", e);
        }
    }

    /// <summary>
    /// Waits until all connections that were made before the call have ended, and returns their headers, without those that were taken.
    /// </summary>
    /// <exception cref="TimeoutException">A connection stays open.</exception>
    public async Task<ReceivedHeader[]> AllHeadersAsync()
    {
        // Connections are accepted in their order: when this one is served, those before it are counted as open.
        using (var last = await TestClient.ConnectAsync(EndPoint))
        {
            await last.SendAsync(LastHeader + "!");
            await last.ReceiveUntilAsync("!");
        }
        await Eventually.EqualsAsync(0, () => OpenCount, "all connections have ended");
        var headers = new List<ReceivedHeader>();
        while (_headers.Reader.TryRead(out var header))
        {
            if (!header.Bytes.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(LastHeader)))
                headers.Add(header);
        }
        return [.. headers];
    }

    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var buffer = new byte[V2FixedLength + ushort.MaxValue];
        var have = 0;
        byte[]? first = null;
        while (true)
        {
            var count = await connection.ReceiveAsync(buffer.AsMemory(have), stop);
            if (count == 0)
                return;
            have += count;
            first ??= buffer[..have];
            if (HeaderLength(buffer.AsSpan(0, have)) is not { } length)
                continue;
            if (length < 0)
            {
                // No header: a test that waits for one fails by its deadline, and the sender sees a reset.
                connection.LingerState = new LingerOption(true, 0);
                return;
            }
            _headers.Writer.TryWrite(new ReceivedHeader(buffer[..length], first));
            await EchoAsync(connection, buffer.AsMemory(length, have - length), stop);
            return;
        }
    }

    /// <summary>The length of the header at the start; null when more must come, negative when it is none.</summary>
    private static int? HeaderLength(ReadOnlySpan<byte> bytes)
    {
        var common = Math.Min(bytes.Length, V2Signature.Length);
        if (bytes[..common].SequenceEqual(V2Signature[..common]))
        {
            if (bytes.Length < V2FixedLength)
                return null;
            var length = V2FixedLength + (bytes[14] << 8 | bytes[15]);
            return bytes.Length < length ? null : length;
        }
        var line = bytes[..Math.Min(bytes.Length, V1LengthMax)];
        var end = line.IndexOf("\r\n"u8);
        if (end >= 0 && line.StartsWith("PROXY "u8))
            return end + 2;
        return bytes.Length >= V1LengthMax || !"PROXY "u8.StartsWith(line[..Math.Min(line.Length, 6)]) ? -1 : null;
    }
}
