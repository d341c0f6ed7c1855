using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace FastTcpProxy.Engine.Tests.Architecture;

/// <summary>The layer rules and the shape of files, read from the sources.</summary>
public sealed partial class ArchitectureTests
{
    private const int LinesMax = 300;

    /// <summary>Who may know whom, in the sources.</summary>
    private static readonly Dictionary<string, string[]> Layers = new()
    {
        ["FastTcpProxy.ProxyProtocol"] = [],
        ["FastTcpProxy.Engine"] = ["FastTcpProxy.ProxyProtocol"],
        ["FastTcpProxy.Control"] = ["FastTcpProxy.ProxyProtocol", "FastTcpProxy.Engine"],
        ["FastTcpProxy.Daemon"] = ["FastTcpProxy.ProxyProtocol", "FastTcpProxy.Engine", "FastTcpProxy.Control"],
    };

    public static TheoryData<string> Projects => [.. Layers.Keys];

    [Fact]
    public void Source_Projects_AreTheKnownOnes() => Assert.Equal(
        Layers.Keys.Order(StringComparer.Ordinal),
        Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src"), "FastTcpProxy.*").Select(d => Path.GetFileName(d)!)
        .Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_RunOneWay(string project)
    {
        XDocument file = XDocument.Load(Path.Combine(SourceTree.Root, "src", project, project + ".csproj"));
        string[] references = [.. file.Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))];
        Assert.Empty(references.Except(Layers[project]));
    }

    [Fact]
    public void Engine_SocketsAndSystemCalls_AreNamedInTransportOnly()
    {
        string[] offenders = [.. SourceTree.CSharpFiles("src", "FastTcpProxy.Engine")
            .Select(SourceTree.Relative)
            .Where(path => !path.StartsWith("src/FastTcpProxy.Engine/Transport/", StringComparison.Ordinal))
            // getrlimit and setrlimit: no socket is involved, and nothing waits for them.
            .Where(path => path != "src/FastTcpProxy.Engine/DescriptorLimit.cs")
            .Where(path => NamesASocket(File.ReadAllText(Path.Combine(SourceTree.Root, path))))];
        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("private Socket _socket;", true)]
    [InlineData("class A : SocketAsyncEventArgs", true)]
    [InlineData("[DllImport(\"libc\")]", true)]
    [InlineData("[LibraryImport(\"libc\")]", true)]
    [InlineData("SocketError error; StreamSocket s; // a Socket in a comment", false)]
    public void Engine_RuleForSockets_FindsWhatItShould(string line, bool found) => Assert.Equal(found, NamesASocket(line));

    /// <summary>So that another transport can stand beside it: who uses a transport knows the seam alone.</summary>
    [Fact]
    public void Source_TypesOfTheSaeaTransport_AreNamedWhereTheEngineIsPutTogether()
    {
        const string Folder = "src/FastTcpProxy.Engine/Transport/Saea/", OnePlace = "src/FastTcpProxy.Engine/SocketRuntime.cs";
        (string Path, string Code)[] sources =
            [.. SourceTree.CSharpFiles("src").Select(p => (SourceTree.Relative(p), Comment().Replace(File.ReadAllText(p), "")))];
        string[] types =
        [
            .. from source in sources
               where source.Path.StartsWith(Folder, StringComparison.Ordinal)
               from line in source.Code.Split('\n')
               where !line.StartsWith(' ')
               let declared = TypeDeclaration().Match(line)
               where declared.Success
               select declared.Groups["name"].Value,
        ];
        Assert.Contains("SaeaStream", types);
        Regex names = new($@"\b({string.Join('|', types)})\b");

        Assert.Equal([OnePlace],
            sources.Where(s => !s.Path.StartsWith(Folder, StringComparison.Ordinal) && names.IsMatch(s.Code)).Select(s => s.Path));
    }

    [Fact]
    public void Source_Files_AreUnder300Lines()
    {
        string[] offenders = [.. SourceTree.CSharpFiles("src")
            .Select(path => (Path: SourceTree.Relative(path), Lines: File.ReadLines(path).Count()))
            .Where(file => file.Lines >= LinesMax)
            .Select(file => $"{file.Path}: {file.Lines} lines")];
        Assert.Empty(offenders);
    }

    [Fact]
    public void Source_Types_SayWhatTheyAreFor()
    {
        string[] offenders = [.. SourceTree.CSharpFiles("src")
            .Where(path => Path.GetFileName(path) != "Program.cs" && !path.EndsWith(".g.cs", StringComparison.Ordinal)
                && Path.GetFileName(path) != "AssemblyInfo.cs")
            .Where(path => !SaysWhatItIsFor(File.ReadLines(path)))
            .Select(SourceTree.Relative)];
        Assert.Empty(offenders);
    }

    /// <summary>Whether the first declaration of the file has a summary, or a content note in a part of a type.</summary>
    private static bool SaysWhatItIsFor(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string text = line.Trim();
            if (text.StartsWith("/// <summary>", StringComparison.Ordinal)
                || text.StartsWith("/// <content>", StringComparison.Ordinal))
                return true;
            if (TypeDeclaration().IsMatch(text)) return false;
        }
        return false;
    }

    private static bool NamesASocket(string source) => SocketName().IsMatch(Comment().Replace(source, ""));

    [GeneratedRegex(@"\b(Socket|SocketAsyncEventArgs|DllImport|LibraryImport)\b")]
    private static partial Regex SocketName();

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(public|internal|file|private)?\s*(\w+\s+)*(class|struct|interface|enum|record|delegate)\s+(?<name>\w+)")]
    private static partial Regex TypeDeclaration();
}
