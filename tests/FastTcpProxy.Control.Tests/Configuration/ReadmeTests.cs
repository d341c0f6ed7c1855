using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The tables of the README name every key there is.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Readme_NamesEveryKey()
    {
        string readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
        string[] tables = [.. readme.Split('\n').Where(line => line.StartsWith('|'))];
        var missing = new List<string>();

        Walk(RootDescription.Kind.Shape, key =>
        {
            if (key.Name != "$schema" && key.Name != "services" && !tables.Any(line => Names(line, key.Name)))
                missing.Add(key.Name);
        });
        Assert.Empty(missing);
    }

    private static bool Names(string line, string key) =>
        line.Contains($"`{key}`") || line.Contains($".{key}`") || line.Contains($"`{key}.") || line.Contains($"\"{key}\"") || line.Contains($"`{key}.");

    private static void Walk(ObjectShape shape, Action<Key> visit)
    {
        foreach (Key key in shape.Keys)
        {
            visit(key);
            if (key.Nested is not null)
                Walk(key.Nested, visit);
        }
    }
}
