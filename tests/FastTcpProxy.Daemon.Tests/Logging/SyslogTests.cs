using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Daemon.Tests.Logging.Sessions;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Tests.Logging;

/// <summary>Messages of syslog, and their socket. Each test owns its server.</summary>
public sealed class SyslogTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);

    private readonly TempFolder _folder = new("syslog");

    private static string Pid => Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Header_Rfc5424_HasNoStructuredData() =>
        Assert.Equal($"<28>1 2026-02-03T04:05:06.789Z {Environment.MachineName} fasttcpproxy {Pid} 5001 - ",
            Write(new SyslogHeader(SyslogProtocol.Rfc5424, SyslogFacility.Daemon, withHost: false)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Header_Rfc3164_NamesTheHostOverTheNetworkAlone(bool withHost)
    {
        string local = At.ToLocalTime().ToString("MMM d HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)
            .Replace(" 3 ", "  3 ");

        Assert.Equal($"<132>{local}{(withHost ? $" {Environment.MachineName}" : "")} fasttcpproxy[{Pid}]: ",
            Write(new SyslogHeader(SyslogProtocol.Rfc3164, SyslogFacility.Local0, withHost)));
    }

    [Fact]
    public void Route_Event_HasItsIdAndSeverity()
    {
        using Socket server = Listen("log");
        using EventRoute route = Route(_folder["log"], new FakeSink());

        Assert.Null(route.TrySend(Down("a\nb"), mayWait: true));

        string message = Receive(server);
        Assert.StartsWith("<28>1 2026-02-03T04:05:06.789Z ", message);
        Assert.EndsWith($" fasttcpproxy {Pid} 5001 - 5001 a\\u000ab", message);
    }

    [Fact]
    public void Socket_LongMessage_IsCutBetweenCharacters()
    {
        using Socket server = Listen("log");
        using SyslogSocket socket = Connect();

        Assert.Null(socket.TrySend(Encoding.UTF8.GetBytes("x" + new string('ä', SyslogSocket.MessageBytesMax)), TimeSpan.Zero));

        Assert.Equal("x" + new string('ä', (SyslogSocket.MessageBytesMax - 1) / 2), Receive(server));
    }

    /// <summary>The kernel refuses a datagram that is longer than the send buffer (EMSGSIZE).</summary>
    [Fact]
    public void Socket_SendBufferIsSmall_MessagesAreCutToWhatItTakes()
    {
        using Socket server = Listen("log");
        using SyslogSocket socket = Connect(sendBufferBytes: 1);
        byte[] longest = Encoding.UTF8.GetBytes(new string('ä', SyslogSocket.MessageBytesMax / 2));

        Assert.Null(socket.TrySend(longest, TimeSpan.Zero));
        string first = Receive(server);
        Assert.InRange(socket.BytesMax, SyslogSocket.MessageBytesMin, SyslogSocket.MessageBytesMax / 2);
        Assert.Equal(new string('ä', socket.BytesMax / 2), first);

        // Learned once: the next one is cut at once, and a short one is whole.
        Assert.Null(socket.TrySend(longest, TimeSpan.Zero));
        Assert.Equal(first, Receive(server));
        Assert.Null(socket.TrySend("short"u8, TimeSpan.Zero));
        Assert.Equal("short", Receive(server));
        Assert.False(socket.IsTooLong);
    }

    [Fact]
    public void Sink_SendBufferIsSmall_TheLogGoesOn()
    {
        using Socket server = Listen("log");
        using SyslogSink sink = new(Connect(sendBufferBytes: 1), "log");
        byte[] lines = Encoding.UTF8.GetBytes(new string('x', SyslogSocket.MessageBytesMax) + "\nnext\n");

        int written = sink.Write(lines);
        Assert.Equal(SyslogSocket.MessageBytesMax + 1, written);
        // Until it is read it may take all of the send buffer, and the sink would wait.
        Assert.StartsWith("xxx", Receive(server));
        Assert.Equal(5, sink.Write(lines.AsSpan(written)));

        Assert.Equal("next", Receive(server));
        Assert.Null(sink.Obstacle);
    }

    [Fact]
    public void Socket_ServerIsStartedAnew_TheNextMessageReachesIt()
    {
        using SyslogSocket socket = Connect();
        using (Socket first = Listen("log"))
        {
            Assert.Null(socket.TrySend("one"u8, TimeSpan.Zero));
            Assert.Equal("one", Receive(first));
        }
        File.Delete(_folder["log"]);
        using Socket second = Listen("log");

        Assert.Null(socket.TrySend("two"u8, TimeSpan.Zero));

        Assert.Equal("two", Receive(second));
    }

    [Fact]
    public void Socket_AnotherServer_TakesWhatTheOneBeforeDidNot()
    {
        using SyslogSocket socket = Connect(sendBufferBytes: 1);
        using (Socket first = Listen("log"))
        {
            Assert.Null(socket.TrySend(new byte[SyslogSocket.MessageBytesMax], TimeSpan.Zero));
            Assert.InRange(socket.BytesMax, SyslogSocket.MessageBytesMin, SyslogSocket.MessageBytesMax - 1);
            Receive(first);
        }
        File.Delete(_folder["log"]);
        using Socket second = Listen("log");

        Assert.Null(socket.TrySend("two"u8, TimeSpan.Zero));

        Assert.Equal("two", Receive(second));
        Assert.Equal(SyslogSocket.MessageBytesMax, socket.BytesMax);
    }

    [Fact]
    public void Socket_NoServer_IsNotAskedAgainBeforeItsPause()
    {
        FakeTime time = new();
        using SyslogSocket socket = new(new UnixDomainSocketEndPoint(_folder["log"]), time);
        Assert.Contains("no such", socket.TrySend("lost"u8, TimeSpan.Zero), StringComparison.OrdinalIgnoreCase);
        using Socket server = Listen("log");

        Assert.NotNull(socket.TrySend("too early"u8, TimeSpan.Zero));
        time.Pass(TimeSpan.FromMilliseconds(101));
        Assert.Null(socket.TrySend("in time"u8, TimeSpan.Zero));

        Assert.Equal("in time", Receive(server));
    }

    [Fact]
    public void Socket_ServerDoesNotRead_NobodyIsHeldUp()
    {
        using Socket server = Listen("log");
        using SyslogSocket socket = Connect();
        int sent = 0;
        while (socket.TrySend("m"u8, TimeSpan.Zero) is null) Assert.InRange(++sent, 1, 1_000_000);

        Assert.Equal("it does not read", socket.TrySend("m"u8, TimeSpan.FromMilliseconds(1)));
        Receive(server);
        Assert.Null(socket.TrySend("last"u8, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Socket_Udp_IsSent()
    {
        using Socket server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.ReceiveTimeout = 20_000;
        using SyslogSocket socket = new(server.LocalEndPoint!, TimeProvider.System);

        Assert.Null(socket.TrySend("over UDP"u8, TimeSpan.Zero));

        Assert.Equal("over UDP", Receive(server));
        Assert.True(socket.IsRemote);
    }

    /// <summary>What the server does not take goes to standard error, and what comes after its return goes to it.</summary>
    [Fact]
    public async Task Output_ServerIsMissing_EventsGoToStandardErrorUntilItIsThere()
    {
        FakeSink error = new();
        using EventOutput output = new(Route(_folder["log"], error), new Engine.Background.BackgroundWork());
        output.Take(Down("lost server"));
        await Eventually.HoldsAsync(() => output.Obstacle is not null, "the server is missed");
        await Eventually.HoldsAsync(() => error.Written.Contains("warning 5001 lost server\n"), "the event is on standard error");
        using Socket server = Listen("log");
        await Eventually.HoldsAsync(() =>
        {
            output.Take(Down("again"));
            return output.Obstacle is null;
        }, "the server is found");

        Assert.EndsWith(" 5001 again", Receive(server));
    }

    public void Dispose() => _folder.Dispose();

    private static OperationalEvent Down(string text) => new(At, LogLevel.Warning, new EventId(5001, "UpstreamDown"), text,
        [new("Service", "mail"), new("Upstream", "u"), new("Check", "x")]);

    private static EventRoute Route(string path, IByteSink error) => new(
        new EventLogConfiguration { Target = new LogTarget(LogTargetKind.Syslog, "syslog:" + path) { Path = path } },
        SyslogProtocol.Rfc5424, isJournal: false, TimeProvider.System, error);

    private static string Write(SyslogHeader header)
    {
        ArrayBufferWriter<byte> bytes = new();
        header.Write(bytes, 4, At, "5001");
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private SyslogSocket Connect(int? sendBufferBytes = null) =>
        new(new UnixDomainSocketEndPoint(_folder["log"]), TimeProvider.System) { SendBufferBytes = sendBufferBytes };

    private Socket Listen(string name)
    {
        Socket server = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        server.Bind(new UnixDomainSocketEndPoint(_folder[name]));
        return server;
    }

    private static string Receive(Socket server)
    {
        byte[] buffer = new byte[64 * 1024];
        return Encoding.UTF8.GetString(buffer, 0, server.Receive(buffer));
    }

    private sealed class FakeTime : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
