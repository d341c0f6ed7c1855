using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Transport.Saea;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>Sockets of another process: what they are, who gets which, and what is wrong with some.</summary>
[Collection(SocketCollection.Name)]
public sealed class InheritedListenersTests : IDisposable
{
    private readonly List<Socket> _sockets = [];
    private readonly TempFolder _folder = new("inherit");

    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:{0}")]
    [InlineData("0.0.0.0", "0.0.0.0:{0}")]
    [InlineData("::1", "[::1]:{0}")]
    [InlineData("::", "[::]:{0}")]
    public void Describe_TcpListener_IsTheConfiguredText(string address, string expected)
    {
        Socket socket = Listen(IPAddress.Parse(address));
        string text = string.Format(null, expected, Port(socket));
        Assert.Equal((text, null), InheritedListeners.Describe(Fd(socket)));
        Assert.Equal(text, new ListenAddress((IPEndPoint)socket.LocalEndPoint!).Text);
    }

    [Theory]
    [InlineData("s", false)]
    [InlineData("name with space ü", false)]
    [InlineData("abstract", true)]
    public void Describe_UnixListener_IsItsPath(string name, bool isAbstract)
    {
        string path = isAbstract ? "\0ftp-inherit-" + Guid.NewGuid() : _folder[name];
        Socket socket = Keep(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified));
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        Assert.Equal(("unix:" + path.Replace('\0', '@'), null), InheritedListeners.Describe(Fd(socket)));
    }

    [Fact]
    public void Describe_WhatIsNoListener_SaysWhatItIs()
    {
        using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using Socket idle = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using Socket nameless = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using FileStream file = File.OpenRead("/dev/null");
        Assert.Equal((null, "it is not a stream socket"), InheritedListeners.Describe(Fd(udp)));
        Assert.Equal((null, "it does not listen"), InheritedListeners.Describe(Fd(idle)));
        Assert.Equal((null, "it does not listen"), InheritedListeners.Describe(Fd(nameless)));
        Assert.Equal((null, "it is not an open socket"), InheritedListeners.Describe((int)file.SafeFileHandle.DangerousGetHandle()));
        Assert.Equal((null, "it is not an open socket"), InheritedListeners.Describe(999_999));
    }

    /// <summary>Loop i of M takes descriptor i of N in turn; none is left over on either side.</summary>
    [Theory]
    [InlineData(1, 1, "0")]
    [InlineData(1, 3, "0 0 0")]
    [InlineData(2, 3, "0 1 0")]
    [InlineData(3, 3, "0 1 2")]
    [InlineData(5, 2, "0 1 2 3 4")]
    public void Take_LoopsAndDescriptors_EveryoneGetsOne(int descriptors, int loops, string expected)
    {
        BoundListener[] own = ListenSocketBinder.Bind(new ListenAddress(new IPEndPoint(IPAddress.Loopback, 0)), descriptors);
        string[] inodes = [.. own.Select(b => Inode(b.Descriptor))];
        ListenAddress address = new(own[0].LocalEndPoint.ToIPEndPoint());
        using InheritedListeners inherited =
            new([new ListenerDescriptors(address.Text, [.. own.Select(b => NativeListener.Duplicate(b.Descriptor))])]);
        foreach (BoundListener b in own) NativeDescriptor.Close(b.Descriptor);

        (BoundListener[] bound, bool keepsFile) = inherited.Take(address, loops, Transports)!.Value;

        Assert.Equal(expected, string.Join(' ', bound.Select(b => Array.IndexOf(inodes, Inode(b.Descriptor)))));
        Assert.Equal(Enumerable.Range(0, bound.Length).Select(i => i >= descriptors), bound.Select(b => b.IsDuplicate));
        Assert.All(bound, b => Assert.Equal((own[0].LocalEndPoint, address), (b.LocalEndPoint, b.Address)));
        Assert.False(keepsFile);
        Assert.Empty(inherited.Unused);
        Assert.Null(inherited.Take(address, loops, Transports));
        foreach (BoundListener b in bound) NativeDescriptor.Close(b.Descriptor);
    }

    [Fact]
    public void Take_UnixSocket_HasOneListenerAndItsFileIsWhoseItWas()
    {
        BoundListener own = ListenSocketBinder.Bind(new ListenAddress(_folder["s"]), 3).Single();
        using InheritedListeners inherited =
            new([new ListenerDescriptors("unix:" + _folder["s"], [NativeListener.Duplicate(own.Descriptor)]) { KeepsFile = true }]);
        NativeDescriptor.Close(own.Descriptor);
        (BoundListener[] bound, bool keepsFile) = inherited.Take(new ListenAddress(_folder["s"]), 3, Transports)!.Value;
        Assert.Single(bound);
        Assert.True(keepsFile);
        NativeDescriptor.Close(bound[0].Descriptor);
        Assert.True(UnixSocketFile.IsSocket(_folder["s"]), "the file went with a descriptor");
    }

    [Fact]
    public void Entries_OfOneAddress_CountAsOneExceptWithPortZero()
    {
        Socket a = Listen(IPAddress.Loopback), b = Listen(IPAddress.Loopback);
        using InheritedListeners inherited = new(
        [
            new ListenerDescriptors("unix:/x", [Duplicate(a)]), new ListenerDescriptors("127.0.0.1:0", [Duplicate(a)]),
            new ListenerDescriptors("unix:/x", [Duplicate(b)]), new ListenerDescriptors("127.0.0.1:0", [Duplicate(b)]),
        ]);
        Assert.Equal([("unix:/x", 2), ("127.0.0.1:0", 1), ("127.0.0.1:0", 1)],
            inherited.Unused.Select(e => (e.Address, e.Descriptors.Length)));
    }

    [Fact]
    public void Dispose_WhatNobodyAskedFor_IsClosedAndStillNamed()
    {
        Socket socket = Listen(IPAddress.Loopback);
        int descriptor = Duplicate(socket);
        InheritedListeners inherited = new([new ListenerDescriptors("127.0.0.1:1", [descriptor])]);
        inherited.Dispose();
        inherited.Dispose();
        Assert.Equal("it is not an open socket", InheritedListeners.Describe(descriptor).Error);
        Assert.Equal("127.0.0.1:1", Assert.Single(inherited.Unused).Address);
        Assert.Null(InheritedListeners.Describe(Fd(socket)).Error);
    }

    [Theory]
    [InlineData(true, false, "IPV6_V6ONLY")]
    [InlineData(false, true, "IPv4 clients too")]
    [InlineData(true, true, null)]
    [InlineData(false, false, null)]
    public void Take_Wildcard_TheSocketsFamiliesMustBeTheConfigured(bool wanted, bool dual, string? error)
    {
        Socket socket = Listen(IPAddress.IPv6Any, dual);
        ListenAddress address = new((IPEndPoint)socket.LocalEndPoint!, dualStack: wanted);
        using InheritedListeners inherited = new([new ListenerDescriptors(address.Text, [Duplicate(socket)])]);
        if (error is null)
        {
            foreach (BoundListener b in inherited.Take(address, 1, Transports)!.Value.Bound) NativeDescriptor.Close(b.Descriptor);
            return;
        }
        BindException e = Assert.Throws<BindException>(() => inherited.Take(address, 1, Transports));
        Assert.Contains(address.Text, e.Message);
        Assert.Contains(error, e.Message);
        Assert.Contains("dualStack", e.Message);
    }

    [Fact]
    public void Take_SocketsThatAreNotWhatTheySay_AreErrorsThatNameThem()
    {
        Socket socket = Listen(IPAddress.Loopback);
        using Socket idle = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        ListenAddress elsewhere = new(new IPEndPoint(IPAddress.Loopback, 1));
        using InheritedListeners other = new([new ListenerDescriptors(elsewhere.Text, [Duplicate(socket)])]);
        Assert.Contains($"bound to 127.0.0.1:{Port(socket)}",
            Assert.Throws<BindException>(() => other.Take(elsewhere, 1, Transports)).Message);
        using InheritedListeners mute = new([new ListenerDescriptors(elsewhere.Text, [Duplicate(idle)])]);
        Assert.Contains("does not listen", Assert.Throws<BindException>(() => mute.Take(elsewhere, 1, Transports)).Message);
    }

    private static readonly SaeaTransportFactory Transports = new(threads: 1);

    private static int Fd(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private static int Duplicate(Socket socket) => NativeListener.Duplicate(Fd(socket));

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static string Inode(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget!;

    private Socket Listen(IPAddress address, bool dual = true)
    {
        Socket socket = Keep(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = dual;
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen(1);
        return socket;
    }

    private Socket Keep(Socket socket)
    {
        _sockets.Add(socket);
        return socket;
    }
}
