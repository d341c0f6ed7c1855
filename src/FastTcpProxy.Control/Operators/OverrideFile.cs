using System.Collections.Immutable;
using System.Text.Json;

namespace FastTcpProxy.Control.Operators;

/// <summary>
/// The file in which overrides outlive the process. It is replaced whole: whenever the process or the machine stops, the old one is there or the new one.
/// Used by one thread at a time; it holds nothing open.
/// </summary>
internal sealed class OverrideFile(string directory)
{
    /// <summary>Its name in the state directory.</summary>
    public const string Name = "overrides.json";

    /// <summary>What is being written, and what could not be used, of which there is one: the last.</summary>
    private const string NewSuffix = ".new", RejectedSuffix = ".rejected";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path = Path.Combine(directory, Name);

    /// <summary>What it holds; nothing where there is none. One that cannot be used is set aside and told.</summary>
    public OverrideBook Load(IOverrideObserver observer)
    {
        try
        {
            // The mode is the owner's; one that is there already keeps its own.
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            if (!File.Exists(_path)) return OverrideBook.Empty;
            FileInfo file = new(_path);
            if (file.Length > OverrideLimits.FileBytesMax)
                throw new InvalidDataException($"it has {file.Length} bytes, expected at most {OverrideLimits.FileBytesMax}");
            return Read(File.ReadAllBytes(_path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            observer.FileSetAside(_path, e.Message, SetAside());
            return OverrideBook.Empty;
        }
    }

    /// <summary>Replaces it; it is on the disk when this returns.</summary>
    /// <returns>Null; or why it could not be written, and then the old one is as it was.</returns>
    public string? Save(OverrideBook book)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(ToDocument(book), OverrideDocumentContext.Default.OverrideDocument);
        if (text.Length > OverrideLimits.FileBytesMax)
            return $"the state file would have {text.Length} bytes, expected at most {OverrideLimits.FileBytesMax}; end some overrides";
        try
        {
            Write(text);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{_path} cannot be written: {e.Message}";
        }
    }

    private void Write(byte[] text)
    {
        string replacement = _path + NewSuffix;
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0 };
        using (FileStream stream = new(replacement, options))
        {
            stream.Write(text);
            // Before it takes the name: else the name may be on the disk before the content is.
            stream.Flush(flushToDisk: true);
        }
        File.Move(replacement, _path, overwrite: true);
        DirectorySync.Flush(directory);
    }

    private string? SetAside()
    {
        try
        {
            File.Move(_path, _path + RejectedSuffix, overwrite: true);
            return _path + RejectedSuffix;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static OverrideBook Read(byte[] text)
    {
        OverrideDocument document;
        try
        {
            document = JsonSerializer.Deserialize(text, OverrideDocumentContext.Default.OverrideDocument) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is no state file, or not whole: {e.Message}", e);
        }
        if (document.Format != OverrideDocument.FormatName || document.Version != OverrideDocument.VersionNow)
        {
            throw new InvalidDataException($"its format is \"{document.Format}\" {document.Version}, "
                + $"expected \"{OverrideDocument.FormatName}\" {OverrideDocument.VersionNow}");
        }
        return ToBook(document);
    }

    private static OverrideBook ToBook(OverrideDocument document)
    {
        try
        {
            return new OverrideBook(
                document.Upstreams.ToImmutableDictionary(
                    e => (e.Service, e.Upstream),
                    e => new StoredOverride(new UpstreamOverride(Known(e.State), e.Reason, e.Author, e.At, e.Expires), e.ConfiguredAddress, e.ConfiguredEnabled)),
                document.Orders.ToImmutableDictionary(
                    e => e.Service,
                    e => new StoredOrder(new OrderOverride(e.Names, e.Reason, e.Author, e.At, e.Expires), e.Configured)));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException("it names an upstream or a service twice", e);
        }
    }

    private static OverrideState Known(OverrideState state) =>
        Enum.IsDefined(state) ? state : throw new InvalidDataException($"it holds the unknown state {(int)state}");

    private static OverrideDocument ToDocument(OverrideBook book) => new(
        OverrideDocument.FormatName,
        OverrideDocument.VersionNow,
        [
            .. from entry in book.Upstreams
               orderby entry.Key.Service, entry.Key.Upstream
               let o = entry.Value
               select new OverrideEntry(entry.Key.Service, entry.Key.Upstream, o.Set.State, o.Set.Reason, o.Set.Author, o.Set.At, o.Set.Expires, o.Address, o.Enabled),
        ],
        [
            .. from entry in book.Orders
               orderby entry.Key
               let o = entry.Value
               select new OrderEntry(entry.Key, o.Set.Names, o.Set.Reason, o.Set.Author, o.Set.At, o.Set.Expires, o.Configured),
        ]);
}
