using System.Collections.Immutable;
using System.Text;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>The files of this machine, as this process sees them. Any thread; it holds nothing.</summary>
internal sealed class SystemFiles : ISystemFiles
{
    /// <summary>Bytes of a file that are read. /proc/interrupts of a machine with 256 CPUs has some 500 KB.</summary>
    private const int BytesMax = 4 * 1024 * 1024;

    /// <summary>Names of a folder that are listed: interrupts, interfaces, queues.</summary>
    private const int NamesMax = 10_000;

    private SystemFiles()
    {
    }

    public static SystemFiles Machine { get; } = new();

    public FileText Read(string path)
    {
        try
        {
            // The length of such a file is 0 until it is read.
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            using MemoryStream content = new();
            byte[] part = new byte[16 * 1024];
            for (int count; content.Length < BytesMax && (count = file.Read(part)) > 0;) content.Write(part, 0, count);
            return new FileText(Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length));
        }
        catch (UnauthorizedAccessException)
        {
            return Directory.Exists(path) ? FileText.Missing : FileText.Denied;
        }
        catch (IOException)
        {
            // Not there; or a driver that refuses to answer (EINVAL, EOPNOTSUPP).
            return FileText.Missing;
        }
    }

    public ImmutableArray<string> List(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Take(NamesMax).Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
