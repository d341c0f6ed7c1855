using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// The shared state of one run of the binder: its problems, and the places that the objects of the model came from. Checks across keys need
/// these places, and the model does not have them. One thread, one call of the loader.
/// </summary>
/// <param name="folder">Where relative paths begin; null for the current directory.</param>
internal sealed class BindingContext(ProblemList problems, string? folder = null)
{
    private readonly Dictionary<object, ConfigurationNode> _origins = new(ReferenceEqualityComparer.Instance);

    public ProblemList Problems { get; } = problems;

    /// <summary>The keys of the whole file, for messages about a key in the wrong place; null where they are not known.</summary>
    public ObjectShape? Root { get; init; }

    /// <summary>The regular expressions that were made, by their text.</summary>
    public Dictionary<string, ContentPattern> Expressions { get; } = new(StringComparer.Ordinal);

    /// <summary>The certificate files that were read.</summary>
    public PemFiles PemFiles { get; } = new();

    /// <summary>The absolute form of a path of the file.</summary>
    public string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path, folder ?? Environment.CurrentDirectory);

    /// <summary>
    /// Records where an object was read. Values that are no objects, and interned texts, have no place and are skipped.
    /// </summary>
    public void Remember<T>(T value, ConfigurationNode node)
    {
        if (value is not (null or string or ValueType))
            _origins[value] = node;
    }

    /// <summary>Where the object was read, or null when it stands in for one that could not be.</summary>
    public ConfigurationNode? Origin(object value) => _origins.GetValueOrDefault(value);
}
