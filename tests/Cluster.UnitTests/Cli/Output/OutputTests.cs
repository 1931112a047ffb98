using System.Text.Json.Nodes;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Output;
using Xunit;

namespace Cluster.UnitTests.Cli.Output;

public sealed class OutputTests
{
    private static readonly JsonObject Data = new()
    {
        ["Name"] = "web",
        ["Count"] = 3,
        ["Tags"] = new JsonArray("a", "b"),
        ["Spec"] = new JsonObject { ["Labels"] = new JsonObject { ["k"] = "v>" } },
    };

    [Theory]
    [InlineData("{{.Name}} x{{.Count}}", "web x3")]
    [InlineData("{{ .Name }}{{- .Count -}}", "web3")]
    [InlineData("{{json .Spec}}", "{\"Labels\":{\"k\":\"v>\"}}")]
    [InlineData("{{.Spec | json}}", "{\"Labels\":{\"k\":\"v>\"}}")]
    [InlineData("{{upper .Name}} {{lower .Name}} {{len .Tags}}", "WEB web 2")]
    [InlineData("{{index .Spec.Labels \"k\"}}{{index .Spec.Labels \"x\"}}", "v>")]
    [InlineData("{{index .Tags 1}}", "b")]
    [InlineData("{{.Tags}} {{.Spec}}", "[a b] map[Labels:map[k:v>]]")]
    [InlineData("plain", "plain")]
    public void Renders_templates_as_go_does(string template, string text) => Assert.Equal(text, GoTemplate.Parse(template).Render(Data));

    [Theory]
    [InlineData("{{.Name")]
    [InlineData("{{range .Tags}}")]
    [InlineData("{{Name}}")]
    public void Refuses_templates_that_it_does_not_understand(string template) => Assert.Throws<CliException>(() => GoTemplate.Parse(template));

    [Fact]
    public void Names_the_fields_that_there_are() =>
        Assert.Contains("fields are Labels", Assert.Throws<CliException>(() => GoTemplate.Parse("{{.Spec.Nope}}").Render(Data)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(300, "5 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(10_800, "3 hours")]
    [InlineData(172_800, "2 days")]
    [InlineData(1_814_400, "3 weeks")]
    [InlineData(7_776_000, "3 months")]
    [InlineData(94_608_000, "3 years")]
    public void Prints_durations_as_docker_does(long seconds, string text) => Assert.Equal(text, HumanText.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Aligns_columns() => Assert.Equal(["A         BB            C", "a         long column   c", "x"], TextTable.Align(["A\tBB\tC", "a\tlong column\tc", "x\t\t"]));
}
