using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// The file of a UNIX socket that this process listens on: it is identified by device, inode and time of birth, not by its path, so that a
/// file that has taken its place is left alone. Any thread but a loop, one at a time: it asks the file system. It owns the file, not the
/// socket.
/// </summary>
public sealed unsafe class OwnedSocketFile : ISocketFile
{
    private const int EmptyPath = 0x1000, Everything = 0x1FF, DefaultUmask = 0x12;
    private const string UmaskLine = "Umask:";
    private const uint Unchanged = uint.MaxValue;

    private readonly string _path;
    // A box, as a loop may put another one there.
    private volatile Bound _bound;
    private readonly SocketPermissions _found;

    /// <param name="path">Where the socket was bound.</param>
    /// <param name="known">The file that the bind made, as the process says which did it; null: the one that is there now.</param>
    public OwnedSocketFile(string path, FileIdentity? known = null)
    {
        _path = path;
        _bound = new Bound(known ?? UnixSocketFile.Identify(path));
        _found = UnixSocketFile.PermissionsOf(path);
        Permissions = SocketPermissions.AsBound;
    }

    public FileIdentity? Identity => _bound.Identity;

    public SocketPermissions Permissions { get; private set; }

    /// <summary>Where the kernel tells of no identity, whatever lies at the path counts.</summary>
    public SocketFileState State => UnixSocketFile.Identify(_path) is { } there
        ? _bound.Identity is null || _bound.Identity == there ? SocketFileState.InPlace : SocketFileState.Replaced
        : Path.Exists(_path) ? SocketFileState.InPlace : SocketFileState.Gone;

    /// <summary>Whether the path still names this socket.</summary>
    public bool IsInPlace => State == SocketFileState.InPlace;

    /// <summary>Before the bind: the file that it makes never admits a user whom the permissions exclude.</summary>
    public static void Prepare(int descriptor, SocketPermissions permissions)
    {
        ArgumentNullException.ThrowIfNull(permissions);
        if (permissions.Mode is not { } mode) return;
        // Until the file has its group, the group that it is made with has no part in it.
        if (permissions.Group is not null) mode &= ~(UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute);
        _ = fchmod(descriptor, (uint)mode);
    }

    public void Apply(SocketPermissions permissions)
    {
        ArgumentNullException.ThrowIfNull(permissions);
        if (permissions == Permissions) return;
        Change(permissions);
        Permissions = permissions;
    }

    public void SetBack()
    {
        if (Permissions == SocketPermissions.AsBound) return;
        try
        {
            Apply(_found);
        }
        catch (BindException)
        {
            // The file is another's by now, or the group is not ours to give: the next start sets it.
        }
    }

    public void TryRemove()
    {
        if (_bound.Identity is { } own && UnixSocketFile.Identify(_path) == own) UnixSocketFile.TryRemove(_path);
    }

    public void Renew() => _bound = new Bound(UnixSocketFile.Identify(_path));

    /// <summary>By a descriptor that stands for the file alone, never by its path, which may be a link by now.</summary>
    private void Change(SocketPermissions permissions)
    {
        int file = NativeDescriptor.Open(_path, NativeDescriptor.PathOnly | NativeDescriptor.NoFollow);
        if (file < 0 || _bound.Identity is not { } own || UnixSocketFile.Identify(file) != own)
        {
            if (file >= 0) NativeDescriptor.Close(file);
            throw new BindException($"{_path} is not the file of this socket any more, expected no other process to move or replace it");
        }
        try
        {
            uint group = permissions.Group?.Id ?? _found.Group?.Id ?? Unchanged;
            byte empty = 0;
            if (fchownat(file, &empty, Unchanged, group, EmptyPath) != 0)
                throw Refused(GroupError(permissions), Marshal.GetLastSystemError());
            UnixFileMode mode = permissions.Mode ?? ModeOfABind();
            fixed (byte* name = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file}\0")))
            {
                if (chmod(name, (uint)mode) != 0) throw Refused("the mode cannot be set", Marshal.GetLastSystemError());
            }
        }
        finally
        {
            NativeDescriptor.Close(file);
        }
    }

    /// <summary>The umask can be asked for only in this way: the system call changes it, for all threads (proc_pid_status(5)).</summary>
    private static UnixFileMode ModeOfABind()
    {
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(UmaskLine, StringComparison.Ordinal));
        int umask = line is null ? DefaultUmask : Convert.ToInt32(line[UmaskLine.Length..].Trim(), 8);
        return (UnixFileMode)(Everything & ~umask);
    }

    private static string GroupError(SocketPermissions permissions) => permissions.Group is null
        ? "the file's group cannot be restored"
        : $"the group \"{permissions.Group.Text}\" cannot be given to the socket's file; the process must be a member of it (systemd: "
        + "SupplementaryGroups=), or root";

    private static BindException Refused(string what, int errno) =>
        new($"{what} ({new SocketException((int)Native.ToSocketError(errno)).Message})");

    private sealed record Bound(FileIdentity? Identity);

    // Blittable, so no marshalling is generated; errno is read with GetLastSystemError right after a failed call.
    [DllImport("libc")]
    private static extern int fchmod(int fd, uint mode);

    [DllImport("libc")]
    private static extern int chmod(byte* path, uint mode);

    [DllImport("libc")]
    private static extern int fchownat(int folder, byte* path, uint owner, uint group, int flags);
}
