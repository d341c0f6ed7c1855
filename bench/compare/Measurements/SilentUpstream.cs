using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>
/// An upstream that answers no connect: packets to it are dropped where the program has a network of its own, and else by an accept queue
/// that is full. It owns the rule or the sockets. One thread.
/// </summary>
internal sealed class SilentUpstream : IDisposable
{
    private const string Table = "fasttcpproxy_compare";

    /// <summary>More than a queue of length 0 takes.</summary>
    private const int FillersMax = 8;

    private static readonly TimeSpan FillTime = TimeSpan.FromMilliseconds(300);

    /// <summary>It keeps the port from being taken, and listens where there is no rule.</summary>
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fillers = [];
    private bool _hasRule;

    private SilentUpstream(int port) => Port = port;

    public int Port { get; }

    /// <summary>How it is silent, for the report.</summary>
    public string Means => _hasRule ? "packets that nftables drops" : "an accept queue that is full";

    /// <exception cref="ContestantException">The machine has no way to be silent.</exception>
    public static SilentUpstream Create(int port)
    {
        SilentUpstream upstream = new(port);
        upstream._listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        upstream._hasRule = NetworkNamespace.IsInside
            && TryNft(DropRule(port));
        if (!upstream._hasRule) upstream.FillQueue();
        return upstream;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket filler in _fillers) filler.Dispose();
        if (_hasRule) TryNft($"delete table ip {Table}\n");
    }

    private void FillQueue()
    {
        _listener.Listen(0);
        List<Task> connects = [];
        for (int i = 0; i < FillersMax; i++)
        {
            Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _fillers.Add(filler);
            connects.Add(filler.ConnectAsync(IPAddress.Loopback, Port));
        }
        Thread.Sleep(FillTime);
        if (!connects.TrueForAll(c => c.IsCompleted)) return;
        Dispose();
        throw new ContestantException(
            "no upstream can be made silent here: the accept queue does not fill, and there is no namespace for nftables");
    }

    /// <summary>nft(8) takes the end of a line for the end of a statement, so a block in one line needs more than it looks like.</summary>
    internal static string DropRule(int port) =>
        $$"""
        table ip {{Table}} {
            chain input {
                type filter hook input priority 0;
                tcp dport {{port}} drop
            }
        }

        """;

    private static bool TryNft(string rules)
    {
        try
        {
            using Process nft =
                Process.Start(new ProcessStartInfo("nft", ["-f", "-"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
            nft.StandardInput.Write(rules);
            nft.StandardInput.Close();
            nft.WaitForExit();
            return nft.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
