using System.Collections.Immutable;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>The files of listeners' UNIX sockets while the engine runs and changes. Each test owns its engine and its folder.</summary>
[SupportedOSPlatform("linux")]
public sealed class ListenerFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode ForTheGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly TempFolder _folder = new("files");

    public void Dispose() => _folder.Dispose();

    /// <summary>However the listener goes: at the end, by a reload, by one that resets its sessions.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Listener_Goes_AnothersFileAtItsPathStays(int how)
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint], unixPath: _folder["s"]);
        File.Delete(_folder["s"]);
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_folder["s"]));
        other.Listen(1);

        if (how == 0) bed.Engine.StopAccepting();
        else Apply(bed, [new ListenAddress(bed.EndPoint)], resetRemoved: how == 2);

        await Eventually.HoldsAsync(() => bed.Engine.Listeners.All(l => !l.Address.StartsWith("unix:", StringComparison.Ordinal)),
            "the listener is gone");
        Assert.True(UnixSocketFile.IsServed(_folder["s"]));
    }

    [Fact]
    public async Task Listener_Goes_ItsOwnFileGoesWithIt()
    {
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [], unixPath: _folder["s"]);
        Assert.True(UnixSocketFile.IsSocket(_folder["s"]));

        Apply(bed, [new ListenAddress(bed.EndPoint)], resetRemoved: false);

        Assert.False(File.Exists(_folder["s"]));
    }

    [Fact]
    public async Task Commit_ModeAlone_ChangesItOnTheSocketThatStays()
    {
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [], unixPath: _folder["s"]);
        FileIdentity? before = UnixSocketFile.Identify(_folder["s"]);

        Apply(bed, At(bed, new SocketPermissions(ForTheGroup, null)), resetRemoved: false);

        Assert.Equal(ForTheGroup, File.GetUnixFileMode(_folder["s"]));
        Assert.Equal(before, UnixSocketFile.Identify(_folder["s"]));
    }

    /// <summary>All or nothing: another address cannot be had, or the change is given up.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Prepare_NotCommitted_ModeIsAsBefore(bool fails)
    {
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, []);
        Apply(bed, At(bed, new SocketPermissions(OwnerOnly, null)), resetRemoved: false);
        ImmutableArray<ListenAddress> wanted = At(bed, new SocketPermissions(ForTheGroup, null));
        if (fails)
        {
            BindException e = Assert.Throws<BindException>(
                () => bed.Engine.Prepare([new ListenPlan(bed.Service, wanted.Add(new ListenAddress(_folder["no/such"])))]));
            Assert.Contains("no/such", e.Message);
        }
        else
        {
            using ListenerChange change = bed.Engine.Prepare([new ListenPlan(bed.Service, wanted)]);
            Assert.Equal(ForTheGroup, File.GetUnixFileMode(_folder["s"]));
        }

        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["s"]));
    }

    private ImmutableArray<ListenAddress> At(EngineBed bed, SocketPermissions access) =>
        [new ListenAddress(bed.EndPoint), new ListenAddress(_folder["s"], access)];

    private static void Apply(EngineBed bed, ImmutableArray<ListenAddress> listen, bool resetRemoved)
    {
        using ListenerChange change = bed.Engine.Prepare([new ListenPlan(bed.Service, listen)]);
        bed.Engine.Commit(change, resetRemoved);
    }
}
