/** The lessons: the list, one lesson with what it is about, and the page of the teacher. */
import { useRoute } from "../../shell/route";
import { LessonList } from "./list";
import { LessonPage } from "./one";
import { Teacher } from "./teacher";
import "./lessons.css";

export default function Lessons() {
  const { parts } = useRoute();
  if (!parts[0]) return <LessonList />;
  return parts[0] === "teacher" ? <Teacher /> : <LessonPage name={parts[0]} key={parts[0]} />;
}
