using System.Runtime.InteropServices;
using System.Text;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>What this process may do with files, without doing it (access(2)). Stateless, any thread but a loop.</summary>
public static unsafe class PathAccess
{
    private const int Write = 2, Search = 1, Read = 4;

    /// <summary>EROFS (errno(3)).</summary>
    public const int ReadOnlyFileSystem = 30;

    /// <summary>Whether it may make files in a folder.</summary>
    public static bool MayWrite(string folder) => May(folder, Write | Search);

    /// <summary>Whether no user may, because the file system is mounted read-only.</summary>
    public static bool IsReadOnly(string folder) => !MayWrite(folder) && Marshal.GetLastSystemError() == ReadOnlyFileSystem;

    /// <summary>Whether it may open a file for both.</summary>
    public static bool MayReadAndWriteFile(string path) => May(path, Read | Write);

    private static bool May(string path, int mode)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0')) return access(name, mode) == 0;
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int access(byte* path, int mode);
}
