using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>Who is taken for an earlier generation, and that those who hang or lie cost nothing. Each test owns its folder.</summary>
public sealed class GenerationFinderTests : IDisposable
{
    /// <summary>Above any process (the kernel's PID_MAX_LIMIT is 4,194,304).</summary>
    private const int GonePid = 2_000_000_000;

    private const string Status = """{"version":"1","pid":7,"startedAt":"2026-01-02T03:04:05Z","services":[{"name":"a","sessions":2},"""
        + """{"name":"b","sessions":3}],"more":{}}""";

    private readonly TempFolder _folder = new("gen");
    private readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Find_ReadsTheStatusOfThoseThatAnswer_OldestFirst()
    {
        Serve("a.7", Answer(Status));
        Serve("a.8", Answer(Status.Replace("2026-01-02", "2025-01-02", StringComparison.Ordinal).Replace("\"pid\":7", "\"pid\":8",
            StringComparison.Ordinal)));

        Assert.Equal(
            [new(8, _folder["a.8"], 5, new(2025, 1, 2, 3, 4, 5, default)), new(7, _folder["a.7"], 5, new(2026, 1, 2, 3, 4, 5, default))],
            await FindAsync());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a.take-over")]
    [InlineData("a.1x")]
    [InlineData("a.-1")]
    [InlineData("a.7-1")]
    [InlineData("a.7-9")]
    [InlineData("a.7-02")]
    [InlineData("a.7-2x")]
    [InlineData("a.7-")]
    [InlineData("b.1")]
    public async Task Find_OtherNames_AreNotAsked(string name)
    {
        Serve(name, Answer(Status));

        Assert.Empty(await FindAsync());
    }

    /// <summary>The name with the number alone is that of a process in another PID namespace.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public async Task Find_SeveralOfOneNumber_AreAllFound(int last)
    {
        Serve("a.7", Answer(Status));
        Serve($"a.7-{last}", Answer(Status.Replace("2026-01-02", "2026-01-03", StringComparison.Ordinal)));

        Assert.Equal([(7, _folder["a.7"]), (7, _folder[$"a.7-{last}"])], (await FindAsync()).Select(g => (g.ProcessId, g.Socket)));
    }

    [Fact]
    public async Task Find_ThisProcess_IsNone()
    {
        Serve(string.Create(CultureInfo.InvariantCulture, $"a.{Environment.ProcessId}"), Answer(Status));

        Assert.Empty(await FindAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("HTTP/1.1 503 Unavailable\r\n\r\n" + Status)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n[1]")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nnull")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{\"pid\":7,\"startedAt\":\"2026-01-02T03:04:05Z\",\"services\":null}")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{\"pid\":7,\"startedAt\":\"2026-01-02T03:04:05Z\",\"services\":[null]}")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{\"pid\":7,\"startedAt\":\"2026-01-02T03:04:05Z\",\"services\":[{\"sessions\":-1}]}")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{\"pid\":8,\"startedAt\":\"2026-01-02T03:04:05Z\",\"services\":[]}")]
    public async Task Find_Rubbish_IsNone(string answer)
    {
        Serve("a.7", answer);

        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task Find_OneThatHangs_IsLeftOutWithinTheBound()
    {
        Listen("a.1");
        Serve("a.7", Answer(Status));
        long began = Stopwatch.GetTimestamp();

        Generation found = Assert.Single(await FindAsync());

        Assert.Equal(_folder["a.7"], found.Socket);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.4, Deadline.Patient.TotalSeconds);
    }

    /// <summary>However many ask, each process has one connection at a time.</summary>
    [Fact]
    public async Task Find_ManyAskAtOnce_ShareALook()
    {
        const int Asks = 50;
        Socket hangs = Listen("a.1");
        GenerationFinder finder = new(_folder["a"]);
        Task<FoundGenerations>[] asks = [.. Enumerable.Range(0, Asks).Select(_ => finder.FindAsync())];
        await Task.WhenAll(asks);
        await finder.FindAsync();

        // What was closed meanwhile is in the queue all the same.
        hangs.Blocking = false;
        int connections = 0;
        while (hangs.Poll(0, SelectMode.SelectRead))
        {
            hangs.Accept().Dispose();
            connections++;
        }
        // One, and one for each look that was over before all had asked.
        Assert.Equal(asks.Distinct().Count() + 1, connections);
        Assert.InRange(connections, 2, Asks / 2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-2")]
    public async Task Find_SocketOfAProcessThatIsGone_IsRemoved(string rest)
    {
        string path = _folder[string.Create(CultureInfo.InvariantCulture, $"a.{GonePid}{rest}")],
            other = _folder.Write("a.2000000001", "not a socket");
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + "x"));
            File.Move(path + "x", path);
        }

        Assert.Empty(await FindAsync());

        Assert.False(File.Exists(path));
        Assert.True(File.Exists(other));
    }

    [Theory]
    [InlineData(GenerationFinder.GenerationsMax)]
    [InlineData(GenerationFinder.GenerationsMax + 1)]
    [InlineData(GenerationFinder.AskedMax)]
    [InlineData(GenerationFinder.AskedMax + 1)]
    public async Task Find_AtTheLimit_CountsThoseThatAreNotNamed(int count)
    {
        for (int i = 0; i < count; i++) Serve(string.Create(CultureInfo.InvariantCulture, $"a.{GonePid + i}"), Answer(Of(GonePid + i)));

        FoundGenerations found = await new GenerationFinder(_folder["a"]).FindAsync();

        Assert.Equal((GenerationFinder.GenerationsMax, count - GenerationFinder.GenerationsMax), (found.Named.Length, found.More));
    }

    [Fact]
    public async Task Find_MoreThanAreNamed_ThoseWithSessions_ThenTheOldest()
    {
        const int Count = GenerationFinder.GenerationsMax + 2;
        for (int i = 1; i <= Count; i++)
        {
            string status = Of(GonePid + i).Replace("2026-01-02", $"2026-01-{i:00}", StringComparison.Ordinal);
            // Of the latest alone sessions are left.
            if (i < Count) status = status.Replace("\"sessions\":2", "\"sessions\":0", StringComparison.Ordinal).Replace("\"sessions\":3",
                "\"sessions\":0", StringComparison.Ordinal);
            Serve(string.Create(CultureInfo.InvariantCulture, $"a.{GonePid + i}"), Answer(status));
        }

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, Count], (await FindAsync()).Select(g => g.ProcessId - GonePid));
    }

    [Fact]
    public async Task Find_FolderMissing_IsNone() => Assert.Empty((await new GenerationFinder(_folder["none/a"]).FindAsync()).Named);

    [Fact]
    public async Task Find_MoreSessionsThanANumberHolds_IsTheGreatestNumber()
    {
        Serve("a.7", Answer(Status.Replace(":2}", ":2147483647}", StringComparison.Ordinal)));

        Assert.Equal(int.MaxValue, Assert.Single(await FindAsync()).Sessions);
    }

    [Fact]
    public async Task Find_FilesThatAreNoSockets_StayAndAreNone()
    {
        _folder.Write("a.1", "a file");
        Directory.CreateDirectory(_folder["a.2"]);
        File.CreateSymbolicLink(_folder["a.3"], _folder["nowhere"]);
        Serve("a.7", Answer(Status));

        Assert.Equal(7, Assert.Single(await FindAsync()).ProcessId);
        Assert.True(File.Exists(_folder["a.1"]) && Directory.Exists(_folder["a.2"]) && new FileInfo(_folder["a.3"]).LinkTarget is not null);
    }

    private static string Of(int processId) =>
        Status.Replace("\"pid\":7", string.Create(CultureInfo.InvariantCulture, $"\"pid\":{processId}"), StringComparison.Ordinal);

    private static string Answer(string body) => "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body;

    private async Task<ImmutableArray<Generation>> FindAsync() => (await new GenerationFinder(_folder["a"]).FindAsync()).Named;

    private Socket Listen(string name)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_folder[name]));
        listener.Listen();
        _sockets.Add(listener);
        return listener;
    }

    /// <summary>Answers one client, and closes.</summary>
    private void Serve(string name, string answer)
    {
        Socket listener = Listen(name);
        _ = Task.Run(async () =>
        {
            using Socket client = await listener.AcceptAsync();
            await client.ReceiveAsync(new byte[4096]);
            await client.SendAsync(Encoding.UTF8.GetBytes(answer));
        });
    }
}
