namespace FastTcpProxy.Testing.Processes;

/// <summary>
/// A new folder below the system's temporary folder that is deleted with all it holds at dispose.
/// Any thread; the test that made it owns it.
/// </summary>
public sealed class TempFolder : IDisposable
{
    private const UnixFileMode ReadableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <param name="purpose">A word for the folder's name. Kept short by the caller: UNIX socket paths below it end at 107 bytes.</param>
    public TempFolder(string purpose = "test")
    {
        Path = Directory.CreateTempSubdirectory("ftp-" + purpose + "-").FullName;
        // Servers that were started as root give up their rights and must still reach their own files.
        File.SetUnixFileMode(Path, ReadableByAll);
    }

    public string Path { get; }

    /// <summary>The path of <paramref name="name"/> in the folder; creates nothing.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text file and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Creates a folder in the folder and returns its path.</summary>
    public string MakeFolder(string name)
    {
        var path = Directory.CreateDirectory(this[name]).FullName;
        File.SetUnixFileMode(path, ReadableByAll);
        return path;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A server that is just being killed may still have made a file. What stays is a folder of the system's temporary ones.
        }
    }
}
