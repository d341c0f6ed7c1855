using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// Asks a program under test what its managed heap holds: what is counted there does not depend on the machine, as resident memory does.
/// Any thread; it owns the folder of the socket by which it asks. Only for the build that runs on the runtime, which has startup hooks.
/// </summary>
public sealed class HeapProbe : IDisposable
{
    internal const string SocketVariable = "FASTTCPPROXY_TEST_HEAP_PROBE";
    internal const byte AskLiveBytes = (byte)'l', AskCollections = (byte)'c';

    private readonly TempFolder _folder = new("heap");

    /// <summary>Variables of the program, for <see cref="ProxyOptions.Environment"/>.</summary>
    public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?>
    {
        ["DOTNET_STARTUP_HOOKS"] = typeof(HeapProbe).Assembly.Location,
        [SocketVariable] = _folder["s"],
    };

    /// <summary>The bytes of all objects that are reachable, after full collections.</summary>
    public Task<long> LiveBytesAsync() => AskAsync(AskLiveBytes);

    /// <summary>Collections of generation 0 while 64 MiB of garbage are made.</summary>
    public Task<long> CollectionsForGarbageAsync() => AskAsync(AskCollections);

    public void Dispose() => _folder.Dispose();

    private async Task<long> AskAsync(byte question)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_folder["s"])).WaitAsync(Deadline.Patient);
        await socket.SendAsync(new[] { question });
        byte[] answer = new byte[32];
        int count = await socket.ReceiveAsync(answer).WaitAsync(Deadline.Patient);
        return long.Parse(Encoding.ASCII.GetString(answer, 0, count), CultureInfo.InvariantCulture);
    }
}
