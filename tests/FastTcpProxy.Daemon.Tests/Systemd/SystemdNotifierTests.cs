using System.Diagnostics;
using System.Globalization;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Systemd;

/// <summary>What the service manager is told, and that nothing comes of one who does not listen.</summary>
public sealed class SystemdNotifierTests : IDisposable
{
    private readonly TempFolder _folder = new("sd");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_ArriveOverAPathAndAnAbstractName(bool isAbstract)
    {
        using FakeServiceManager manager = new(isAbstract ? $"@fasttcpproxy-test-{Guid.NewGuid():N}" : _folder["n"]);
        using SystemdNotifier notifier = Create(manager.Name);

        notifier.Ready("2 services");
        notifier.Status("busy");
        notifier.Stopping("drains", TimeSpan.FromSeconds(1.5));
        notifier.Alive();

        Assert.Equal("READY=1\nSTATUS=2 services", await manager.ReceiveAsync());
        Assert.Equal("STATUS=busy", await manager.ReceiveAsync());
        Assert.Equal("STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000\nSTATUS=drains", await manager.ReceiveAsync());
        Assert.Equal("WATCHDOG=1", await manager.ReceiveAsync());
    }

    /// <summary>The clock is CLOCK_MONOTONIC, which the framework's stopwatch reads on Linux.</summary>
    [Fact]
    public async Task Reloading_SaysWhenOnTheMonotonicClock()
    {
        using FakeServiceManager manager = new(_folder["n"]);
        using SystemdNotifier notifier = Create(manager.Name);
        long before = Microseconds();

        notifier.Reloading();

        string message = await manager.ReceiveAsync();
        const string Begin = "RELOADING=1\nMONOTONIC_USEC=";
        Assert.StartsWith(Begin, message);
        Assert.InRange(long.Parse(message[Begin.Length..], CultureInfo.InvariantCulture), before, Microseconds());
    }

    /// <summary>A line break in it would begin another assignment.</summary>
    [Fact]
    public async Task Status_IsOneLineAndNoLongerThanTheManagerReads()
    {
        using FakeServiceManager manager = new(_folder["n"]);
        using SystemdNotifier notifier = Create(manager.Name);

        notifier.Status("a\nMAINPID=1");
        notifier.Status(new string('ü', 5000));

        Assert.Equal("STATUS=a\\u000aMAINPID=1", await manager.ReceiveAsync());
        string cut = await manager.ReceiveAsync();
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(cut), 512, "STATUS=".Length + SystemdNotifier.StatusBytesMax);
        Assert.All(cut["STATUS=".Length..], c => Assert.Equal('ü', c));
    }

    [Fact]
    public async Task Manager_StartsAnew_HearsTheNextMessage()
    {
        using SystemdNotifier notifier = Create(_folder["n"]);
        notifier.Status("no one hears this");
        using (FakeServiceManager first = new(_folder["n"]))
        {
            notifier.Status("one");
            Assert.Equal("STATUS=one", await first.ReceiveAsync());
        }
        notifier.Status("no one hears this either");
        File.Delete(_folder["n"]);
        using FakeServiceManager second = new(_folder["n"]);

        notifier.Status("two");

        Assert.Equal("STATUS=two", await second.ReceiveAsync());
    }

    [Fact]
    public async Task Manager_DoesNotRead_NothingBlocks()
    {
        using FakeServiceManager manager = new(_folder["n"]);
        using SystemdNotifier notifier = Create(manager.Name);

        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < 10_000; i++) notifier.Alive();
        });

        await sending.WaitAsync(Deadline.Patient);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("relative", true)]
    [InlineData("/", true)]
    [InlineData("@", true)]
    [InlineData("vsock:2:1234", true)]
    public void Name_OfNoUse_TellsNobodyAndSaysWhy(string? name, bool isFault)
    {
        using SystemdNotifier notifier = SystemdNotifier.Create(name, out string? fault);

        Assert.False(notifier.IsActive);
        Assert.Equal(isFault, fault is not null);
        if (isFault) Assert.StartsWith($"NOTIFY_SOCKET is \"{name}\", expected an absolute path", fault);
        notifier.Ready("");
        notifier.Alive();
    }

    [Theory]
    [InlineData(108, true)]
    [InlineData(109, false)]
    public void Name_AtTheLimit(int bytes, bool isActive)
    {
        using SystemdNotifier notifier = SystemdNotifier.Create("/" + new string('x', bytes - 1), out string? fault);

        Assert.Equal((isActive, isActive), (notifier.IsActive, fault is null));
        notifier.Ready("no one is there");
    }

    [Fact]
    public void Alive_AllocatesNothing()
    {
        using FakeServiceManager manager = new(_folder["n"]);
        using SystemdNotifier notifier = Create(manager.Name);
        notifier.Alive();
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++) notifier.Alive();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Disposed_TellsNobody()
    {
        SystemdNotifier notifier = Create(_folder["n"]);
        notifier.Dispose();

        notifier.Alive();
        notifier.Ready("");
    }

    private static SystemdNotifier Create(string name)
    {
        SystemdNotifier notifier = SystemdNotifier.Create(name, out string? fault);
        Assert.Null(fault);
        return notifier;
    }

    private static long Microseconds() => (long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency));
}
