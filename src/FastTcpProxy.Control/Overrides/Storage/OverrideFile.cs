using System.Globalization;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Rules;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// The file that keeps overrides when the process exits. It is replaced as a whole: whenever the process or the machine stops, either the
/// old file or the new one exists. Used by one thread at a time; it holds nothing open.
/// </summary>
/// <param name="directory">The state directory. Made when it is not there.</param>
/// <param name="flushDirectory">Brings the directory's entries to the disk; the system's when null.</param>
/// <param name="read">Reads the file; the system's when null.</param>
internal sealed class OverrideFile(string directory, Action<string>? flushDirectory = null, OverrideFile.Reading? read = null)
{
    /// <summary>
    /// The content of the file at <paramref name="path"/>; null where it is no such file, for the reason in <paramref name="fault"/>.
    /// Throws what the system says.
    /// </summary>
    internal delegate byte[]? Reading(string path, out ValueFault fault);

    /// <summary>The state directory.</summary>
    public string DirectoryPath => directory;

    /// <summary>Its name in the state directory.</summary>
    public const string Name = "overrides.json";

    /// <summary>What is being written, and what could not be used, of which there is one: the last.</summary>
    private const string NewSuffix = ".new", RejectedSuffix = ".rejected";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path = Path.Combine(directory, Name);
    private readonly Action<string> _flushDirectory = flushDirectory ?? DiskFlush.OfDirectory;
    private readonly Reading _read = read ?? ReadFile;

    /// <summary>
    /// What it holds; nothing where there is none. One whose content is wrong is set aside and told. One that cannot be read may be whole,
    /// and stays where it is.
    /// </summary>
    /// <param name="observer">Is told what is set aside.</param>
    /// <param name="unread">Why it cannot be read, and what to do.</param>
    /// <returns>Null: it cannot be read.</returns>
    public OverrideSnapshot? Load(IOverrideObserver observer, out string? unread)
    {
        unread = null;
        try
        {
            StateDirectory.Make(directory);
            if (_read(_path, out ValueFault fault) is { } text) return Read(text);
            throw new InvalidDataException($"{fault.Why}, expected at most {OverrideLimits.FileBytesMax} bytes of a regular file");
        }
        catch (FileNotFoundException)
        {
            return OverrideSnapshot.Empty;
        }
        catch (InvalidDataException e)
        {
            observer.FileSetAside(_path, e.Message, SetAside());
            return OverrideSnapshot.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            unread = $"the state file {_path} cannot be read: " + (StateDirectory.Explain(directory, e)
                ?? $"{OneLine.Escape(e.Message)}{ErrorNumber(e)}; check the disk and the permissions of {directory}, "
                + "or move the file away to continue without its overrides");
            return null;
        }
    }

    /// <summary>Replaces it; it is on the disk when this returns.</summary>
    /// <param name="snapshot">What it is to hold.</param>
    /// <param name="before">What it holds.</param>
    /// <returns>Null; or why it could not be written, and then it holds what it held, unless the text says otherwise.</returns>
    public string? Save(OverrideSnapshot snapshot, OverrideSnapshot before)
    {
        byte[] text = ToText(snapshot);
        if (text.Length > OverrideLimits.FileBytesMax)
            return $"the state file would have {Counted.Of(text.Length, "byte")}, "
                + $"expected at most {OverrideLimits.FileBytesMax}; clear some overrides";
        bool isReplaced = false;
        try
        {
            Replace(text);
            isReplaced = true;
            _flushDirectory(directory);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = $"{_path} cannot be "
                + $"written: {StateDirectory.Explain(directory, e) ?? $"{e.Message}; check the disk and the permissions of {directory}"}, "
                + "then try again";
            return isReplaced ? why + PutBack(before) : why;
        }
    }

    private void Replace(byte[] text)
    {
        string replacement = _path + NewSuffix;
        try
        {
            // A kill may have left one. It is made again, so that no link leads the content elsewhere.
            File.Delete(replacement);
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0,
            };
            using (FileStream stream = new(replacement, options))
            {
                stream.Write(text);
                // Before it takes the name: else the name may be on the disk before the content is.
                DiskFlush.OfFile(stream.SafeFileHandle, replacement);
            }
            File.Move(replacement, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A part of it would take room from a disk that may be full.
            TryDelete(replacement);
            throw;
        }
    }

    /// <summary>What is refused would be read at the next start.</summary>
    /// <returns>What is left of the change; nothing where it is gone for good.</returns>
    private string PutBack(OverrideSnapshot before)
    {
        bool isReplaced = false;
        try
        {
            Replace(ToText(before));
            isReplaced = true;
            _flushDirectory(directory);
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return isReplaced
                ? "; the old content is restored, but not flushed to the disk: the change may be in force after a crash of the machine"
                : "; and the old content could not be restored: the change may be in force after a restart";
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here says what is wrong.
        }
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

    private static byte[]? ReadFile(string path, out ValueFault fault) => RegularFile.Read(path, OverrideLimits.FileBytesMax, out fault);

    /// <summary>
    /// " (errno 5)"; the framework keeps it in the code of the innermost exception, and calls "not permitted" by another exception.
    /// </summary>
    private static string ErrorNumber(Exception e)
    {
        int code = (e.InnerException ?? e).HResult;
        return code > 0 ? string.Create(CultureInfo.InvariantCulture, $" (errno {code})") : "";
    }

    private static OverrideSnapshot Read(byte[] text)
    {
        StateDocument document;
        try
        {
            document = JsonSerializer.Deserialize(text, StateDocumentContext.Default.StateDocument)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is not a state file, or it is incomplete: {JsonFault.Describe(e)}", e);
        }
        if (document.Format != StateDocument.FormatName || document.Version != StateDocument.VersionNow)
            throw new InvalidDataException($"its format is \"{document.Format}\" {document.Version}, "
                + $"expected \"{StateDocument.FormatName}\" {StateDocument.VersionNow}");
        OverrideSnapshot snapshot = OverrideSnapshot.Empty;
        foreach (Override? entry in (IEnumerable<Override?>)[.. document.Upstreams, .. document.Orders])
        {
            if (Check(entry) is { } wrong) throw new InvalidDataException(wrong);
            if (snapshot.Find(entry!.Key) is not null)
                throw new InvalidDataException(entry.Key.Upstream is { } upstream
                    ? $"it names upstream {Wording.Quote(upstream)} twice"
                    : $"it names the order of service {Wording.Quote(entry.Service)} twice");
            snapshot = snapshot.With(entry);
        }
        return snapshot;
    }

    /// <summary>
    /// What the reader of JSON lets pass: elements of a list may be null, whatever their type says, and an enumeration's value may be a
    /// number.
    /// </summary>
    private static string? Check(Override? entry) => entry switch
    {
        null => "it holds an entry that is null",
        OrderOverride order when order.Names.Concat(order.Configured).Any(n => n is null) => "it holds an entry that is null",
        UpstreamOverride upstream when !Enum.IsDefined(upstream.State) => $"it holds the unknown state {(int)upstream.State}",
        // What a request may not hold a file may not either: it reaches logs and terminals.
        _ => OverrideRules.CheckTexts(entry),
    };

    private static byte[] ToText(OverrideSnapshot snapshot) => JsonSerializer.SerializeToUtf8Bytes(
        new StateDocument(StateDocument.FormatName, StateDocument.VersionNow, [.. snapshot.All.OfType<UpstreamOverride>()],
            [.. snapshot.All.OfType<OrderOverride>()]),
        StateDocumentContext.Default.StateDocument);
}
