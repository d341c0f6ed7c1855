using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Tests.Architecture;

/// <summary>The sources that these tests were built from. Immutable, any thread.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static string[] CSharpFiles(params string[] under) =>
        [.. Directory.EnumerateFiles(Path.Combine([Root, .. under]), "*.cs", SearchOption.AllDirectories).Where(IsSource)
            .Order(StringComparer.Ordinal)];

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static bool IsSource(string path)
    {
        string[] parts = Relative(path).Split('/');
        return !parts.Contains("obj") && !parts.Contains("bin");
    }

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        // The compiler's path is the true one, unless the build maps paths; then the tests run somewhere below the root.
        foreach (string start in new[] { thisFile, AppContext.BaseDirectory })
        {
            for (DirectoryInfo? folder = Directory.GetParent(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "FastTcpProxy.sln"))) return folder.FullName;
            }
        }
        throw new InvalidOperationException("FastTcpProxy.sln was not found above the tests");
    }
}
