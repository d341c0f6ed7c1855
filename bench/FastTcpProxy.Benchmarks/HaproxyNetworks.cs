using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// A HAProxy that asks a list of networks (<c>-f FILE</c>) with random IPv4 addresses, <see cref="Questions"/> for each connection, and
/// serves none. Its memory and its time on a processor say something beside those of one with another list. It owns the process.
/// </summary>
internal sealed class HaproxyNetworks : IDisposable
{
    public const int Questions = 1_000;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly string _configuration = Path.GetTempFileName();
    private readonly int _port = FreePort();
    private readonly Process _process;

    public HaproxyNetworks(string list)
    {
        // The second condition leads on to the next rule, whether the address is in the list or not.
        string rule = $$"""    tcp-request connection reject if { rand(4294967295) -m ip -f {{list}} } { always_false }""";
        File.WriteAllText(_configuration, $"""
            global
                nbthread 1
            defaults
                mode tcp
                timeout connect 1s
                timeout client 1s
                timeout server 1s
            frontend f
                bind 127.0.0.1:{_port}
            {string.Join('\n', Enumerable.Repeat(rule, Questions))}
                tcp-request connection reject

            """);
        long start = Stopwatch.GetTimestamp();
        _process = Process.Start(new ProcessStartInfo("haproxy", ["-db", "-q", "-f", _configuration]))
            ?? throw new InvalidOperationException("haproxy does not start: is the package haproxy installed?");
        while (!TryConnect())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > StartMax)
                throw new InvalidOperationException($"haproxy does not listen on port {_port}");
            Thread.Sleep(1);
        }
        StartMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Until it took its first connection.</summary>
    public double StartMs { get; }

    /// <summary>Of its memory, what is in RAM.</summary>
    public long Bytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return 1024 * long.Parse(line["VmRSS:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What a question takes, with its share of the connection, in nanoseconds on a processor.</summary>
    public double Ask(int connections)
    {
        long before = ProcessorTime.Ns($"/proc/{_process.Id}");
        for (int i = 0; i < connections; i++)
        {
            if (!TryConnect()) throw new InvalidOperationException($"haproxy does not listen on port {_port}");
        }
        return (double)(ProcessorTime.Ns($"/proc/{_process.Id}") - before) / connections / Questions;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_configuration);
    }

    // Until it closes the connection, which it does after the last question.
    private bool TryConnect()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, _port);
        }
        catch (SocketException)
        {
            return false;
        }
        try
        {
            socket.Receive(new byte[1]);
        }
        catch (SocketException closed) when (closed.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
        return true;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
