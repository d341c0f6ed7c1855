using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// The file that names a listening UNIX socket: its owner, when it may be removed, and why a bind to it failed. Shared by the listeners of
/// services and by the administrative interface. Any thread but a loop: it asks the file system.
/// </summary>
public static unsafe class UnixSocketFile
{
    private const int AtCurrentFolder = -100, AtNoFollow = 0x100, AtEmptyPath = 0x1000, StatusBytes = 256;
    private const uint WantType = 0x1, WantMode = 0x2, WantLinks = 0x4, WantOwner = 0x8, WantGroup = 0x10,
        WantInode = 0x100, WantBirth = 0x800;
    private const int LinksOffset = 16, OwnerOffset = 20, GroupOffset = 24, ModeOffset = 28, InodeOffset = 32, BirthSecondsOffset = 80,
        BirthNanosecondsOffset = 88, DeviceOffset = 136;
    private const int TypeMask = 0xF000, TypeSocket = 0xC000, TypeRegular = 0x8000, PermissionMask = 0x1FF;

    /// <summary>Whether the path itself is a UNIX socket; a link to one is not.</summary>
    public static bool IsSocket(string path) => Identify(path) is { IsSocket: true };

    /// <summary>What tells the file from one that later takes its place; null where there is none, or none to be seen.</summary>
    public static FileIdentity? Identify(string path)
    {
        byte* status = stackalloc byte[StatusBytes];
        return TryAsk(path, WantType | WantInode | WantBirth, status) ? ReadIdentity(status) : null;
    }

    /// <summary>The same of an open file.</summary>
    public static FileIdentity? Identify(int descriptor)
    {
        byte* status = stackalloc byte[StatusBytes];
        byte empty = 0;
        return statx(descriptor, &empty, AtEmptyPath, WantType | WantInode | WantBirth, status) == 0 ? ReadIdentity(status) : null;
    }

    /// <summary>Whether an open file is a regular one; true where that is not known.</summary>
    public static bool IsRegular(int descriptor)
    {
        byte* status = stackalloc byte[StatusBytes];
        byte empty = 0;
        return statx(descriptor, &empty, AtEmptyPath, WantType, status) != 0
            || (*(ushort*)(status + ModeOffset) & TypeMask) == TypeRegular;
    }

    /// <summary>Whether an open file has a path still; true where that is not known.</summary>
    public static bool HasPath(int descriptor)
    {
        byte* status = stackalloc byte[StatusBytes];
        byte empty = 0;
        return statx(descriptor, &empty, AtEmptyPath, WantLinks, status) != 0 || *(uint*)(status + LinksOffset) > 0;
    }

    /// <summary>The user that an open file belongs to; null where it is not known.</summary>
    internal static uint? OwnerOf(int descriptor)
    {
        byte* status = stackalloc byte[StatusBytes];
        byte empty = 0;
        return statx(descriptor, &empty, AtEmptyPath, WantOwner, status) == 0 ? *(uint*)(status + OwnerOffset) : null;
    }

    /// <summary>The mode and the group of the path itself; neither where there is nothing to be seen.</summary>
    internal static SocketPermissions PermissionsOf(string path)
    {
        byte* status = stackalloc byte[StatusBytes];
        return TryAsk(path, WantMode | WantGroup, status)
            ? new SocketPermissions((UnixFileMode)(*(ushort*)(status + ModeOffset) & PermissionMask),
                new SocketGroup(*(uint*)(status + GroupOffset)))
            : SocketPermissions.AsBound;
    }

    /// <summary>
    /// Removes the socket that a process left behind which is gone. One that is served stays, and so does any other file: the bind will say
    /// so.
    /// </summary>
    /// <exception cref="IOException">The file could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">Removing it is not permitted.</exception>
    public static void RemoveStale(string path)
    {
        // connect(2) calls a plain file "refused" as well, and a file of another program must stay.
        if (Identify(path) is { IsSocket: true } stale && Probe(path) == SocketError.ConnectionRefused && Identify(path) == stale)
            File.Delete(path);
    }

    /// <summary>Whether a process listens there; one that may not be reached counts as well.</summary>
    public static bool IsServed(string path) =>
        IsSocket(path) && Probe(path) is not (SocketError.ConnectionRefused or SocketError.AddressNotAvailable);

    /// <summary>
    /// How a connect to the socket fails. By a socket of another type, so that one that is served does not take the question for a client:
    /// it answers "wrong type".
    /// </summary>
    private static SocketError Probe(string path)
    {
        using Socket probe = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    /// <summary>Removes a file of any kind: the caller has checked it (<see cref="OwnedSocketFile"/>).</summary>
    internal static void TryRemove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its directory is gone or not ours any more. Then no client finds the socket either, and the next start replaces it.
        }
    }

    /// <summary>Why the bind failed, and what to do.</summary>
    public static string Explain(SocketException error, string path) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse when !IsSocket(path) => "a file that is not a socket is there; move it away",
        SocketError.AddressAlreadyInUse => "the socket is served by another process (see: ss -lxp)",
        SocketError.AddressNotAvailable =>
            $"the directory {Path.GetDirectoryName(path)} does not exist; create it for the user that runs the proxy",
        SocketError.AccessDenied => $"not permitted; the directory {Path.GetDirectoryName(path)} must be writable",
        _ => error.Message,
    };

    // The structure is the same on every machine (statx(2)).
    private static bool TryAsk(string path, uint want, byte* status)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0')) return statx(AtCurrentFolder, name, AtNoFollow, want, status) == 0;
    }

    private static FileIdentity ReadIdentity(byte* status) => new(
        (*(ushort*)(status + ModeOffset) & TypeMask) == TypeSocket,
        *(ulong*)(status + DeviceOffset),
        *(ulong*)(status + InodeOffset),
        *(long*)(status + BirthSecondsOffset),
        *(uint*)(status + BirthNanosecondsOffset));

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int statx(int folder, byte* path, int flags, uint mask, void* status);
}
