using System.Runtime.Versioning;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Processes;
using Microsoft.Win32.SafeHandles;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// Whose a socket's file is, and who may connect. Each test owns its folder. They run as root, as the groups that are given need be
/// no one's.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class OwnedSocketFileTests : IDisposable
{
    private const UnixFileMode ForTheGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode ForAll = ForTheGroup | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
    private const UnixFileMode Groups = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
    private static readonly SocketGroup SomeGroup = new(47_110);

    private readonly TempFolder _folder = new("owned");

    private string Socket => _folder["s"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bind_ModeAndGroup_AreThoseOfTheFile()
    {
        using IDisposable bound = Bind(new SocketPermissions(ForAll, SomeGroup));

        Assert.Equal(new SocketPermissions(ForAll, SomeGroup), UnixSocketFile.PermissionsOf(Socket));
    }

    [Fact]
    public void Bind_NothingAsked_IsAsTheUmaskLeavesIt()
    {
        using IDisposable bound = Bind(SocketPermissions.AsBound);

        Assert.Equal(ModeOfABind(), File.GetUnixFileMode(Socket));
    }

    /// <summary>Between the bind and the group's change the process's own group has no part in the file.</summary>
    [Fact]
    public void Prepare_GroupComesLater_FileIsNotItsFirstGroups()
    {
        using System.Net.Sockets.Socket socket = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, default);
        OwnedSocketFile.Prepare((int)socket.Handle, new SocketPermissions(ForTheGroup, SomeGroup));
        NativeListener.BindUnix((int)socket.Handle, new ListenAddress(Socket).EndPoint.Serialize());

        Assert.Equal(UnixFileMode.None,
            File.GetUnixFileMode(Socket) & (Groups | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute));
        new OwnedSocketFile(Socket).Apply(new SocketPermissions(ForTheGroup, SomeGroup));
        Assert.Equal(new SocketPermissions(ForTheGroup, SomeGroup), UnixSocketFile.PermissionsOf(Socket));
    }

    [Fact]
    public void Apply_KeysAreTakenAway_IsAsABindMakesIt()
    {
        using IDisposable bound = Bind(SocketPermissions.AsBound);
        SocketPermissions before = UnixSocketFile.PermissionsOf(Socket);
        OwnedSocketFile file = new(Socket);
        file.Apply(new SocketPermissions(ForAll, SomeGroup));
        Assert.NotEqual(before, UnixSocketFile.PermissionsOf(Socket));

        file.Apply(SocketPermissions.AsBound);

        Assert.Equal(before, UnixSocketFile.PermissionsOf(Socket));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Apply_OtherFileAtThePath_IsNotTouched(bool isLink)
    {
        string target = _folder.Write("precious", "of someone");
        File.SetUnixFileMode(target, UnixFileMode.UserRead);
        using IDisposable bound = Bind(SocketPermissions.AsBound);
        OwnedSocketFile file = new(Socket);
        File.Delete(Socket);
        if (isLink) File.CreateSymbolicLink(Socket, target);
        else File.Move(target, target = Socket);

        BindException e = Assert.Throws<BindException>(() => file.Apply(new SocketPermissions(ForAll, null)));

        Assert.Contains("is not the file of this socket any more", e.Message);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(target));
    }

    [Fact]
    public void TryRemove_AnothersSocketAtThePath_Stays()
    {
        using IDisposable first = Bind(SocketPermissions.AsBound);
        OwnedSocketFile file = new(Socket);
        File.Delete(Socket);
        using IDisposable second = Bind(SocketPermissions.AsBound);

        file.TryRemove();
        Assert.True(UnixSocketFile.IsServed(Socket));

        new OwnedSocketFile(Socket).TryRemove();
        Assert.False(File.Exists(Socket));
    }

    /// <summary>A listener that was lost is bound again at the same path.</summary>
    [Fact]
    public void Rebind_SocketThatWasLost_ItsNewFileIsOwnedAndLetsTheSameIn()
    {
        BoundListener lost = ListenSocketBinder.Bind(new ListenAddress(Socket), 1).Single();
        ISocketFile file = lost.File!;
        file.Apply(new SocketPermissions(ForAll, SomeGroup));
        NativeDescriptor.Close(lost.Descriptor);

        BoundListener bound = ListenSocketBinder.Rebind(lost);

        Assert.Same(file, bound.File);
        Assert.Equal(SocketFileState.InPlace, file.State);
        Assert.Equal(new SocketPermissions(ForAll, SomeGroup), UnixSocketFile.PermissionsOf(Socket));
        file.TryRemove();
        Assert.False(File.Exists(Socket));
        NativeDescriptor.Close(bound.Descriptor);
    }

    /// <summary>Otherwise the path would be served by a socket that no one accepts from, and no later try could have it.</summary>
    [Fact]
    public void Rebind_FileCannotBeTaken_LeavesNoSocketBehind()
    {
        BoundListener lost = new(new ListenAddress(Socket), -1, default) { File = new BrokenFile() };

        Assert.Throws<InvalidOperationException>(() => ListenSocketBinder.Rebind(lost));

        Assert.False(UnixSocketFile.IsServed(Socket), "the path is still served");
        NativeDescriptor.Close(ListenSocketBinder.Bind(new ListenAddress(Socket), 1).Single().Descriptor);
    }

    private static UnixFileMode ModeOfABind()
    {
        string line = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("Umask:", StringComparison.Ordinal));
        return (UnixFileMode)(0x1FF & ~Convert.ToInt32(line.Split('\t')[1], 8));
    }

    private IDisposable Bind(SocketPermissions access) =>
        new SafeFileHandle(ListenSocketBinder.Bind(new ListenAddress(Socket, access), 1).Single().Descriptor, ownsHandle: true);

    /// <summary>Its file system fails at the worst moment.</summary>
    private sealed class BrokenFile : ISocketFile
    {
        public FileIdentity? Identity => null;

        public SocketPermissions Permissions => SocketPermissions.AsBound;

        public SocketFileState State => SocketFileState.Gone;

        public void Apply(SocketPermissions permissions) => throw new InvalidOperationException("a defect");

        public void SetBack() => throw new InvalidOperationException("a defect");

        public void TryRemove() => throw new InvalidOperationException("a defect");

        public void Renew() => throw new InvalidOperationException("a defect");
    }
}
