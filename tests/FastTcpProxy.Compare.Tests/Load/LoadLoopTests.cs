using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Tests.Load;

/// <summary>The load against itself: its clients connect to its own backend, with a header of their own in between or none.</summary>
[Collection(PortsCollection.Name)]
public sealed class LoadLoopTests
{
    [Theory]
    [InlineData(LoadKind.Connections)]
    [InlineData(LoadKind.PingPong)]
    public void ClosedModel_WithoutProxy_CountsOperations(LoadKind kind)
    {
        LoadResult result = Run(Options(kind));
        Assert.True(result.Operations > 10, $"{result}");
        Assert.Equal(0, result.Errors);
        Assert.True(result.LoadCpuSeconds > 0);
        Assert.InRange(result.Seconds, 0.2, 10);
    }

    [Theory]
    [InlineData(LoadKind.Bulk)]
    [InlineData(LoadKind.Upload)]
    public void Streams_WithoutProxy_CountBytes(LoadKind kind)
    {
        LoadResult result = Run(Options(kind) with { Connections = 2 });
        Assert.True(result.Bytes > 1 << 20, $"{result}");
        Assert.Equal(0, result.Errors);
    }

    [Theory]
    [InlineData(LoadKind.Connections)]
    [InlineData(LoadKind.PingPong)]
    public void OpenModel_WithoutProxy_RecordsEachArrivalOfTheWindow(LoadKind kind)
    {
        // As many connections as arrivals: also when the machine holds the load up there is one for each.
        LoadResult result = Run(Options(kind) with { Rate = 500, Seconds = 0.4, Connections = 300 });
        long recorded = result.Latencies!.Sum(pair => pair[1]);
        // 200 are due; the window's ends may cut one off, and a slow machine makes the window longer, never shorter.
        Assert.InRange(recorded, 199, (long)(500 * result.Seconds) + 1);
        Assert.Equal(0, result.Errors);
        Assert.All(result.Latencies!, pair => Assert.InRange(pair[0], 1, LatencyRecord.LatencyMaxNs));
    }

    [Fact]
    public void OpenModel_MoreArrivalsThanConnections_AreErrors()
    {
        // No one answers: the backend's port is bound and nothing is accepted from it.
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        LoadOptions options = Options(LoadKind.Connections) with
        {
            ProxyPort = ((IPEndPoint)silent.LocalEndPoint!).Port, Rate = 100, Connections = 5,
        };
        LoadResult result = Run(options);
        // 5 began in the warm-up, and all 20 of the window found no connection free.
        Assert.Equal(0, result.Operations);
        Assert.InRange(result.Errors, 20, 100 * (result.Seconds + 1));
        Assert.Contains("does not keep up with the rate", result.FirstError);
    }

    [Fact]
    public void Backend_WithoutTheHeaderItExpects_RefusesAndSaysWhatCame()
    {
        LoadException error = Assert.Throws<LoadException>(() => Run(Options(LoadKind.Connections) with { Header = HeaderKind.V2 }));
        Assert.Contains("1000 connections in a row failed", error.Message);
        Assert.Contains("a wrong PROXY header", error.Message);
    }

    [Fact]
    public void Backend_ExpectingNoHeader_RefusesOne()
    {
        LoadOptions options = Options(LoadKind.Connections);
        using LoadLoop loop = new(options, TextWriter.Null);
        loop.Listen();
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stranger.Connect(IPAddress.Loopback, options.BackendPort);
        stranger.Send(Headers.V2(options.ProxyPort));
        LoadResult result = loop.Run();
        Assert.Equal(1, result.Errors);
        Assert.Contains("a request of other bytes than were sent: 0D0A0D0A", result.FirstError);
    }

    [Fact]
    public void Load_NobodyListens_SaysSo()
    {
        int[] ports = ListeningPorts.FindFree(2);
        LoadException error =
            Assert.Throws<LoadException>(() => Run(Options(LoadKind.Connections) with { ProxyPort = ports[1], BackendPort = ports[0] }));
        Assert.Contains("Connection refused", error.Message);
    }

    [Fact]
    public void Listen_PortInUse_SaysWhichPort()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;
        using LoadLoop loop = new(Options(LoadKind.Connections) with { BackendPort = port }, TextWriter.Null);
        LoadException error = Assert.Throws<LoadException>(loop.Listen);
        Assert.Equal($"the backend cannot listen on 127.0.0.1:{port}: Address already in use", error.Message);
    }

    [Fact]
    public void Share_OfSeveralProcesses_AddsUpToTheWhole()
    {
        LoadOptions whole = Options(LoadKind.Connections) with { Connections = 64, Rate = 900 };
        LoadOptions[] shares = [.. Enumerable.Range(0, 3).Select(i => LoadRun.Share(whole, i, 3))];
        Assert.Equal([22, 21, 21], shares.Select(s => s.Connections));
        Assert.Equal(900, shares.Sum(s => s.Rate));
    }

    private static LoadResult Run(LoadOptions options)
    {
        using LoadLoop loop = new(options, TextWriter.Null);
        loop.Listen();
        return loop.Run();
    }

    private static LoadOptions Options(LoadKind kind)
    {
        int port = ListeningPorts.FindFree(1)[0];
        return new()
        {
            Kind = kind, Header = HeaderKind.None, ProxyPort = port, BackendPort = port, Connections = 8, WarmUpSeconds = 0.05,
            Seconds = 0.2,
        };
    }
}
